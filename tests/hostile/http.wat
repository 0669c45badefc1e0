;; Sends whatever it is told to, as a probe and as an action; and sends many requests at once.
;;: interface probes {
;;:   use chaos:host/http@0.1.0.{request, response, error};
;;:   send: func(request: request) -> result<response, error>;
;;:   race: func(request: request) -> u32;
;;:   flood: func(request: request);
;;: }
;;: interface actions {
;;:   use chaos:host/http@0.1.0.{request, response, error};
;;:   post: func(request: request) -> result<response, error>;
;;: }
(module
  (type $request (func (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "chaos:host/http@0.1.0" "send"
    (func $send (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "chaos:host/http@0.1.0" "[constructor]exchange" (func $begin (type $request)))
  (import "chaos:host/http@0.1.0" "[method]exchange.wait" (func $wait (param i32 i32)))
  (memory (export "memory") 2)
  (global $next (mut i32) (i32.const 4096))
  (func $relay (export "hostile:guest/probes#send") (export "hostile:guest/actions#post")
    (type $request)
    (call $send (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5)
      (local.get 6) (local.get 7) (local.get 8) (local.get 9) (local.get 10) (i32.const 16))
    (i32.const 16))
  (func $start (type $request)
    (call $begin (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5)
      (local.get 6) (local.get 7) (local.get 8) (local.get 9) (local.get 10)))
  ;; Twenty at once; how many of them had an answer.
  (func (export "hostile:guest/probes#race") (type $request) (local $n i32) (local $answered i32)
    (loop $more
      (i32.store (i32.add (i32.const 1024) (i32.mul (local.get $n) (i32.const 4)))
        (call $start (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4)
          (local.get 5) (local.get 6) (local.get 7) (local.get 8) (local.get 9) (local.get 10)))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $more (i32.lt_u (local.get $n) (i32.const 20))))
    (loop $each
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (call $wait
        (i32.load (i32.add (i32.const 1024) (i32.mul (local.get $n) (i32.const 4))))
        (i32.const 16))
      (local.set $answered
        (i32.add (local.get $answered) (i32.eqz (i32.load8_u (i32.const 16)))))
      (br_if $each (local.get $n)))
    (local.get $answered))
  ;; Begins exchanges without end and waits for none.
  (func (export "hostile:guest/probes#flood") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
    (loop $again
      (drop (call $start (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4)
        (local.get 5) (local.get 6) (local.get 7) (local.get 8) (local.get 9) (local.get 10)))
      (br $again)))
  (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32) (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -16)))
    (global.set $next (i32.add (local.get $at) (local.get $size)))
    (local.get $at)))
