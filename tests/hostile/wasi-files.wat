;; Opens /etc/passwd beneath every folder that it could have; prints how often that worked.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 128) "../../../../../../etc/passwd")
  (func (export "_start") (local $found i32) (local $folder i32)
    (loop $next
      (local.set $found (i32.add (local.get $found) (i32.eqz
        (call $open (local.get $folder) (i32.const 1) (i32.const 128) (i32.const 28) (i32.const 0)
          (i64.const 2) (i64.const 2) (i32.const 0) (i32.const 64)))))
      (local.set $folder (i32.add (local.get $folder) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $folder) (i32.const 9))))
    (i32.store8 (i32.const 32) (i32.add (local.get $found) (i32.const 48)))
    (i32.store (i32.const 0) (i32.const 32))
    (i32.store (i32.const 4) (i32.const 1))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
