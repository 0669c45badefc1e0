;; Waits for an hour in the host before its function is even called.
;;: interface probes { go: func(); }
(module
  (import "chaos:host/clock@0.1.0" "sleep" (func $sleep (param i64)))
  (memory (export "memory") 1)
  (func $start (call $sleep (i64.const 3600000000000)))
  (start $start)
  (func (export "hostile:guest/probes#go")))
