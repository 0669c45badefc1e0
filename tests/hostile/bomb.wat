;; Many copies of one function, each small for its file and dear to its compiler. What stands
;; between two stars stands as many times as the first one says.
(component
  (core module $m
    (func (export "go"))
;;* 6000
    (func (param i64 i64)
      (local.set 0 (i64.mul (i64.add (local.get 0) (local.get 1)) (local.get 0)))
      (local.set 1 (i64.rotl (local.get 1) (local.get 0))))
;;*
  )
  (core instance $i (instantiate $m))
  (func $go (canon lift (core func $i "go")))
  (instance $probes (export "go" (func $go)))
  (export "probes" (instance $probes)))
