;; Takes memory until there is no more, and insists on it.
;;: interface probes { go: func(); meekly: func() -> bool; }
(module
  (memory (export "memory") 1)
  (func (export "hostile:guest/probes#go")
    (loop $again
      (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable))
      (br $again)))
  ;; Tries once, far too much, and goes on without it.
  (func (export "hostile:guest/probes#meekly") (result i32)
    (i32.eq (memory.grow (i32.const 65000)) (i32.const -1))))
