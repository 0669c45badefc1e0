;; Waits for an hour in the host, when it is called or when it starts to be.
;;: interface probes { go: func(); }
(module
  (import "chaos:host/clock@0.1.0" "sleep" (func $sleep (param i64)))
  (memory (export "memory") 1)
  (func (export "hostile:guest/probes#go") (call $sleep (i64.const -1))))
