;; Gives results and errors that are too large, out of its memory, or no text.
;;: interface probes {
;;:   numbers: func() -> list<u8>;
;;:   text: func() -> string;
;;:   error: func() -> result<_, string>;
;;:   nested: func() -> list<list<u8>>;
;;:   absurd: func() -> list<u64>;
;;:   outside: func() -> string;
;;:   no-text: func() -> string;
;;:   crooked: func() -> list<u32>;
;;:   no-char: func() -> char;
;;:   no-case: func() -> result<_, string>;
;;:   lone: func() -> string;
;;: }
(module
  (memory (export "memory") 4)
  (func $pair (param i32 i32) (result i32)
    (i32.store (i32.const 8) (local.get 0))
    (i32.store (i32.const 12) (local.get 1))
    (i32.const 8))
  (func (export "hostile:guest/probes#numbers") (result i32)
    (call $pair (i32.const 1024) (i32.const 100000)))
  (func (export "hostile:guest/probes#text") (result i32)
    (call $pair (i32.const 1024) (i32.const 100000)))
  (func (export "hostile:guest/probes#error") (result i32)
    (i32.store (i32.const 4) (i32.const 1))
    (drop (call $pair (i32.const 1024) (i32.const 100000)))
    (i32.const 4))
  ;; All elements of the outer list are the same inner one.
  (func (export "hostile:guest/probes#nested") (result i32) (local $at i32)
    (local.set $at (i32.const 65536))
    (loop $again
      (i32.store (local.get $at) (i32.const 0))
      (i32.store offset=4 (local.get $at) (i32.const 60000))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $again (i32.lt_u (local.get $at) (i32.const 260000))))
    (call $pair (i32.const 65536) (i32.const 20000)))
  (func (export "hostile:guest/probes#absurd") (result i32)
    (call $pair (i32.const 1024) (i32.const 0x1fffffff)))
  (func (export "hostile:guest/probes#outside") (result i32)
    (call $pair (i32.const 0xfffffff0) (i32.const 64)))
  (func (export "hostile:guest/probes#no-text") (result i32)
    (i32.store (i32.const 1024) (i32.const 0xfffefdfc))
    (call $pair (i32.const 1024) (i32.const 4)))
  (func (export "hostile:guest/probes#crooked") (result i32)
    (call $pair (i32.const 1025) (i32.const 4)))
  (func (export "hostile:guest/probes#no-char") (result i32) (i32.const 0xd800))
  (func (export "hostile:guest/probes#no-case") (result i32)
    (i32.store (i32.const 4) (i32.const 7))
    (i32.const 4))
  ;; A surrogate in UTF-8, which no text may hold.
  (func (export "hostile:guest/probes#lone") (result i32)
    (i32.store (i32.const 1024) (i32.const 0x0080a0ed))
    (call $pair (i32.const 1024) (i32.const 3))))
