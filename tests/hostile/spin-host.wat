;; Computes without end in the host: calls its cheapest function again and again.
;;: interface probes { go: func(); }
(module
  (import "chaos:host/clock@0.1.0" "now" (func $now (result i64)))
  (memory (export "memory") 1)
  (func (export "hostile:guest/probes#go") (loop $again (drop (call $now)) (br $again))))
