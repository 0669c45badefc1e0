;; Opens handles without end.
(component
  (type $thing (resource (rep i32)))
  (core func $new (canon resource.new $thing))
  (core module $m
    (import "host" "new" (func $new (param i32) (result i32)))
    (func (export "go") (loop $again (drop (call $new (i32.const 1))) (br $again))))
  (core instance $i (instantiate $m (with "host" (instance (export "new" (func $new))))))
  (func $go (canon lift (core func $i "go")))
  (instance $probes (export "go" (func $go)))
  (export "probes" (instance $probes)))
