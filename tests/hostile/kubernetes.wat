;; Asks the cluster for whatever it is told to, as a probe and as an action.
;;: interface probes {
;;:   use chaos:host/kubernetes-types@0.1.0.{error};
;;:   use chaos:host/kubernetes-read@0.1.0.{selection};
;;:   get: func(%resource: string, namespace: option<string>, name: string) -> result<string, error>;
;;:   %list: func(%resource: string, selection: selection) -> result<list<string>, error>;
;;:   log: func(namespace: string, pod: string, container: option<string>, lines: u32) -> result<string, error>;
;;:   delete: func(%resource: string, namespace: option<string>, name: string, grace-seconds: option<u32>) -> result<_, error>;
;;:   evict: func(namespace: string, pod: string, grace-seconds: option<u32>) -> result<_, error>;
;;:   patch: func(%resource: string, namespace: option<string>, name: string, patch: string) -> result<string, error>;
;;:   scale: func(%resource: string, namespace: string, name: string, replicas: u32) -> result<u32, error>;
;;:   create: func(%resource: string, namespace: option<string>, object: string) -> result<string, error>;
;;: }
;;: interface actions {
;;:   use chaos:host/kubernetes-types@0.1.0.{error};
;;:   remove: func(%resource: string, namespace: option<string>, name: string, grace-seconds: option<u32>) -> result<_, error>;
;;:   drain: func(namespace: string, pod: string, grace-seconds: option<u32>) -> result<_, error>;
;;:   change: func(%resource: string, namespace: option<string>, name: string, patch: string) -> result<string, error>;
;;:   resize: func(%resource: string, namespace: string, name: string, replicas: u32) -> result<u32, error>;
;;:   make: func(%resource: string, namespace: option<string>, object: string) -> result<string, error>;
;;: }
(module
  (type $get (func (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "chaos:host/kubernetes-read@0.1.0" "get" (func $get (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "chaos:host/kubernetes-read@0.1.0" "list"
    (func $list (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "chaos:host/kubernetes-read@0.1.0" "log" (func $log (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "chaos:host/kubernetes-write@0.1.0" "delete"
    (func $delete (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "chaos:host/kubernetes-write@0.1.0" "evict" (func $evict (param i32 i32 i32 i32 i32 i32 i32)))
  (import "chaos:host/kubernetes-write@0.1.0" "patch"
    (func $patch (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "chaos:host/kubernetes-write@0.1.0" "scale" (func $scale (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "chaos:host/kubernetes-write@0.1.0" "create" (func $create (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (memory (export "memory") 2)
  (global $next (mut i32) (i32.const 4096))
  (func (export "hostile:guest/probes#get") (type $get)
    (call $get (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5)
      (local.get 6) (i32.const 16))
    (i32.const 16))
  (func (export "hostile:guest/probes#list")
    (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (call $list (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5)
      (local.get 6) (local.get 7) (local.get 8) (local.get 9) (local.get 10) (i32.const 16))
    (i32.const 16))
  (func (export "hostile:guest/probes#log") (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (call $log (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5)
      (local.get 6) (local.get 7) (i32.const 16))
    (i32.const 16))
  (func (export "hostile:guest/probes#delete") (export "hostile:guest/actions#remove")
    (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (call $delete (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5)
      (local.get 6) (local.get 7) (local.get 8) (i32.const 16))
    (i32.const 16))
  (func (export "hostile:guest/probes#evict") (export "hostile:guest/actions#drain")
    (param i32 i32 i32 i32 i32 i32) (result i32)
    (call $evict (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5)
      (i32.const 16))
    (i32.const 16))
  (func (export "hostile:guest/probes#patch") (export "hostile:guest/actions#change")
    (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (call $patch (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5)
      (local.get 6) (local.get 7) (local.get 8) (i32.const 16))
    (i32.const 16))
  (func (export "hostile:guest/probes#scale") (export "hostile:guest/actions#resize") (type $get)
    (call $scale (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5)
      (local.get 6) (i32.const 16))
    (i32.const 16))
  (func (export "hostile:guest/probes#create") (export "hostile:guest/actions#make") (type $get)
    (call $create (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5)
      (local.get 6) (i32.const 16))
    (i32.const 16))
  (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32) (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -16)))
    (global.set $next (i32.add (local.get $at) (local.get $size)))
    (local.get $at)))
