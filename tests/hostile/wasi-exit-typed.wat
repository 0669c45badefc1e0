;; Ends itself well in the middle of a typed function, as if it had given a result.
;;: interface probes { go: func() -> u32; }
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "hostile:guest/probes#go") (result i32) (call $exit (i32.const 0)) unreachable)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
