;; Computes without end.
;;: interface probes { go: func(); }
(module
  (memory (export "memory") 1)
  (func (export "hostile:guest/probes#go") (loop $again (br $again))))
