;; Asks for secrets and configuration, and sends a secret where it is told to.
;;: interface probes {
;;:   use chaos:host/http@0.1.0.{response, error};
;;:   use chaos:host/secrets@0.1.0.{error as secret-error};
;;:   use chaos:host/configuration@0.1.0.{error as configuration-error};
;;:   placeholder: func(target: string, key: string) -> result<string, secret-error>;
;;:   basic: func(user: string, target: string, key: string) -> result<string, secret-error>;
;;:   configuration: func(name: string) -> result<option<string>, configuration-error>;
;;:   send: func(target: string, key: string, url: string) -> result<response, error>;
;;: }
(module
  (import "chaos:host/http@0.1.0" "send"
    (func $send (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "chaos:host/secrets@0.1.0" "placeholder" (func $placeholder (param i32 i32 i32 i32 i32)))
  (import "chaos:host/secrets@0.1.0" "basic-authorization"
    (func $basic (param i32 i32 i32 i32 i32 i32 i32)))
  (import "chaos:host/configuration@0.1.0" "get" (func $get (param i32 i32 i32)))
  (memory (export "memory") 2)
  (data (i32.const 1024) "PATCH")
  (global $next (mut i32) (i32.const 4096))
  (func (export "hostile:guest/probes#placeholder") (param i32 i32 i32 i32) (result i32)
    (call $placeholder (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 16))
    (i32.const 16))
  (func (export "hostile:guest/probes#basic") (param i32 i32 i32 i32 i32 i32) (result i32)
    (call $basic (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5)
      (i32.const 16))
    (i32.const 16))
  (func (export "hostile:guest/probes#configuration") (param i32 i32) (result i32)
    (call $get (local.get 0) (local.get 1) (i32.const 16))
    (i32.const 16))
  (func (export "hostile:guest/probes#send") (param i32 i32 i32 i32 i32 i32) (result i32)
    (call $placeholder (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 16))
    (if (i32.load8_u (i32.const 16)) (then unreachable))
    (call $send (i32.const 1024) (i32.const 5) (local.get 4) (local.get 5)
      (i32.const 0) (i32.const 0)
      (i32.load (i32.const 20)) (i32.load (i32.const 24))
      (i32.const 0) (i32.const 0) (i32.const 3) (i32.const 16))
    (i32.const 16))
  (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32) (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -16)))
    (global.set $next (i32.add (local.get $at) (local.get $size)))
    (local.get $at)))
