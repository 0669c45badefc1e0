;; Does harm in the functions that the host calls back: when it is given a place for an answer, and
;; when it may tidy up.
;;: interface probes { trap: func(); again: func(); after: func() -> string; late: func() -> string; }
(module
  (import "chaos:host/random@0.1.0" "bytes" (func $bytes (param i32 i32)))
  (memory (export "memory") 1)
  (global $again (mut i32) (i32.const 0))
  (func (export "hostile:guest/probes#trap") (call $bytes (i32.const 8) (i32.const 16)))
  (func (export "hostile:guest/probes#again")
    (global.set $again (i32.const 1))
    (call $bytes (i32.const 8) (i32.const 16)))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (if (i32.eqz (global.get $again)) (then unreachable))
    (call $bytes (i32.const 8) (i32.const 16))
    (i32.const 1024))
  (func $empty (result i32) (i32.const 16))
  (func (export "hostile:guest/probes#after") (result i32) (call $empty))
  (func (export "cabi_post_hostile:guest/probes#after") (param i32) unreachable)
  (func (export "hostile:guest/probes#late") (result i32) (call $empty))
  (func (export "cabi_post_hostile:guest/probes#late") (param i32) (loop $again (br $again))))
