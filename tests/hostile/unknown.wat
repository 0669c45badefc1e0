;; Imports what no host should offer.
(component
  (import "system:shell/run@1.0.0" (instance (export "execute" (func (param "command" string)))))
  (core module $m (func (export "go")))
  (core instance $i (instantiate $m))
  (func $go (canon lift (core func $i "go")))
  (instance $probes (export "go" (func $go)))
  (export "probes" (instance $probes)))
