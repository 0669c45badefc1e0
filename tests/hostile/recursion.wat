;; Calls itself without end.
;;: interface probes { go: func(); }
(module
  (memory (export "memory") 1)
  (func $deeper (export "hostile:guest/probes#go") (call $deeper)))
