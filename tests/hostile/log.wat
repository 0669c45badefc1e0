;; Says what it is told to, as often as it is told to; or what is no text at all.
;;: interface probes {
;;:   say: func(text: string, times: u32);
;;:   no-text: func();
;;:   outside: func();
;;:   endless: func();
;;:   no-level: func();
;;: }
(module
  (import "chaos:host/log@0.1.0" "write" (func $write (param i32 i32 i32)))
  (memory (export "memory") 300)
  (func (export "hostile:guest/probes#say") (param $at i32) (param $length i32) (param $times i32)
    (loop $again
      (call $write (i32.const 0) (local.get $at) (local.get $length))
      (local.set $times (i32.sub (local.get $times) (i32.const 1)))
      (br_if $again (local.get $times))))
  (func (export "hostile:guest/probes#no-text")
    (i32.store (i32.const 1024) (i32.const 0xfffefdfc))
    (call $write (i32.const 0) (i32.const 1024) (i32.const 4)))
  (func (export "hostile:guest/probes#outside")
    (call $write (i32.const 0) (i32.const 0xfffffff0) (i32.const 64)))
  (func (export "hostile:guest/probes#endless")
    (call $write (i32.const 0) (i32.const 0) (i32.const 17000000)))
  (func (export "hostile:guest/probes#no-level")
    (call $write (i32.const 77) (i32.const 0) (i32.const 0)))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65536)))
