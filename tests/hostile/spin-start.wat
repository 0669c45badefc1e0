;; Computes without end before its function is even called.
;;: interface probes { go: func(); }
(module
  (memory (export "memory") 1)
  (func $spin (loop $again (br $again)))
  (start $spin)
  (func (export "hostile:guest/probes#go")))
