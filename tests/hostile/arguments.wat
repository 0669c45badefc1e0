;; Cannot take what it is given: its allocator gives bad pointers, or never returns.
;;: interface probes { take: func(text: string, bad: u32); }
(module
  (memory (export "memory") 1)
  (func (export "hostile:guest/probes#take") (param i32 i32 i32))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0xfffffff0)))
