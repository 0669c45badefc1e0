;; Wants four gigabytes from the beginning.
;;: interface probes { go: func(); }
(module
  (memory (export "memory") 65536)
  (func (export "hostile:guest/probes#go")))
