;; Hides its memory in many instances, each of them small.
(component
  (core module $one (memory 8) (func (export "go")))
  (core instance $a (instantiate $one))
  (core instance $b (instantiate $one))
  (core instance $c (instantiate $one))
  (core instance $d (instantiate $one))
  (core instance $e (instantiate $one))
  (core instance $f (instantiate $one))
  (func $go (canon lift (core func $f "go")))
  (instance $probes (export "go" (func $go)))
  (export "probes" (instance $probes)))
