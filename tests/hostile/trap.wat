;; Crashes.
;;: interface probes { go: func(); zero: func() -> u32; outside: func(); indirect: func(); }
(module
  (memory (export "memory") 1)
  (table 1 funcref)
  (func (export "hostile:guest/probes#go") unreachable)
  (func (export "hostile:guest/probes#zero") (result i32)
    (i32.div_u (i32.const 1) (i32.const 0)))
  (func (export "hostile:guest/probes#outside")
    (i32.store (i32.const 0x7fffffff) (i32.const 1)))
  (func (export "hostile:guest/probes#indirect") (call_indirect (i32.const 0))))
