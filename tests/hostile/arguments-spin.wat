;; Its allocator never returns, so that its arguments are never handed over.
;;: interface probes { take: func(text: string); }
(module
  (memory (export "memory") 1)
  (func (export "hostile:guest/probes#take") (param i32 i32))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (loop $again (br $again)) unreachable))
