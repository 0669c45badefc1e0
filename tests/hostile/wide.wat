;; Wants a memory of 64-bit addresses.
(component
  (core module $m (memory i64 1) (func (export "go")))
  (core instance $i (instantiate $m))
  (func $go (canon lift (core func $i "go")))
  (instance $probes (export "go" (func $go)))
  (export "probes" (instance $probes)))
