;; Imports a function of the host's by another type.
(component
  (import "chaos:host/clock@0.1.0" (instance (export "sleep" (func (param "nanoseconds" string)))))
  (core module $m (func (export "go")))
  (core instance $i (instantiate $m))
  (func $go (canon lift (core func $i "go")))
  (instance $probes (export "go" (func $go)))
  (export "probes" (instance $probes)))
