;; Imports a function that the host's interface does not have.
(component
  (import "chaos:host/clock@0.1.0" (instance (export "set" (func (param "nanoseconds" u64)))))
  (core module $m (func (export "go")))
  (core instance $i (instantiate $m))
  (func $go (canon lift (core func $i "go")))
  (instance $probes (export "go" (func $go)))
  (export "probes" (instance $probes)))
