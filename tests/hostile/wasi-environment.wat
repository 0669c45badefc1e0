;; Looks for environment variables, arguments and folders through WASI; prints how many there are.
(module
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (local $found i32)
    (drop (call $environ (i32.const 64) (i32.const 68)))
    (local.set $found (i32.load (i32.const 64)))
    (drop (call $args (i32.const 64) (i32.const 68)))
    (local.set $found (i32.add (local.get $found) (i32.load (i32.const 64))))
    ;; The first folder would be number three.
    (local.set $found
      (i32.add (local.get $found) (i32.eqz (call $prestat (i32.const 3) (i32.const 64)))))
    (if (i32.gt_u (local.get $found) (i32.const 9)) (then (local.set $found (i32.const 9))))
    (i32.store8 (i32.const 32) (i32.add (local.get $found) (i32.const 48)))
    (i32.store (i32.const 0) (i32.const 32))
    (i32.store (i32.const 4) (i32.const 1))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
