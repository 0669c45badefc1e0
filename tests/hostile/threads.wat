;; Wants shared memory, as threads have it.
(component
  (core module $m (memory 1 1 shared) (func (export "go")))
  (core instance $i (instantiate $m))
  (func $go (canon lift (core func $i "go")))
  (instance $probes (export "go" (func $go)))
  (export "probes" (instance $probes)))
