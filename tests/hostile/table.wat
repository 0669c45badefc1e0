;; Takes memory as a table of functions.
;;: interface probes { go: func(); }
(module
  (memory (export "memory") 1)
  (table $t 1 funcref)
  (func (export "hostile:guest/probes#go")
    (loop $again
      (if (i32.eq (table.grow $t (ref.null func) (i32.const 10000)) (i32.const -1))
        (then unreachable))
      (br $again))))
