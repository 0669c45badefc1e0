;; Wants random bytes: far too many, or to an address that is none.
;;: interface probes { go: func(count: u32); outside: func(); }
(module
  (import "chaos:host/random@0.1.0" "bytes" (func $bytes (param i32 i32)))
  (memory (export "memory") 1)
  (func (export "hostile:guest/probes#go") (param i32) (call $bytes (local.get 0) (i32.const 0)))
  (func (export "hostile:guest/probes#outside") (call $bytes (i32.const 8) (i32.const 0xfffffffc)))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
