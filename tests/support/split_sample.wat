;; A small module with all that Pyodide's has: a table that grows, one of references, exceptions, data, variables.
(module
  (type $unary (func (param i32) (result i32)))
  (import "env" "log" (func $log (param i32)))
  (import "env" "lacking" (func $lacking))
  (memory (export "memory") 1)
  (table $functions (export "functions") 4 funcref)
  (table $references 1 externref)
  (tag $odd (export "odd") (param i32))
  (global $seven (export "seven") i32 (i32.const 7))
  (global $calls (mut i32) (i32.const 0))
  (global $three i32 (i32.const 3))
  (data (i32.const 16) "\05\00\00\00\00\00")
  (data (i32.const 20) "\09\00\00\00")
  (elem (table $functions) (i32.const 1) func $doubled $even $log)

  (func $doubled (export "doubled") (type $unary)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (i32.store (i32.const 32) (i32.mul (i32.load (i32.const 16)) (local.get 0)))
    (i32.mul (local.get 0) (i32.const 2)))

  (func $even (export "even") (type $unary)
    (if (i32.and (local.get 0) (i32.const 1)) (then (throw $odd (local.get 0))))
    (local.get 0))

  (func $sum (export "sum") (type $unary)
    (if (result i32) (local.get 0)
      (then (i32.add (call $doubled (local.get 0)) (call $sum (i32.sub (local.get 0) (i32.const 1)))))
      (else (i32.load (i32.const 20)))))

  (func $by_table (export "by_table") (param i32 i32) (result i32)
    (call_indirect $functions (type $unary) (local.get 1) (local.get 0)))

  (func $caught (export "caught") (type $unary)
    (try (result i32)
      (do (call $even (local.get 0)))
      (catch $odd (i32.add (i32.const 100)))
      (catch_all (i32.const -1))))

  (func $grown (export "grown") (type $unary)
    (drop (table.grow $functions (ref.null func) (local.get 0)))
    (table.set $functions (i32.sub (table.size $functions) (i32.const 1)) (table.get $functions (i32.const 1)))
    (table.size $functions))

  (func $kept (export "kept") (param externref) (result externref)
    (table.set $references (table.grow $references (ref.null extern) (i32.const 1)) (local.get 0))
    (table.get $references (i32.sub (table.size $references) (i32.const 1))))

  (func $wide (export "wide") (param f64 i32 f32) (result f64 i32)
    (local $sum f64)
    (local.set $sum (f64.add (local.get 0) (f64.promote_f32 (local.get 2))))
    (call $log (local.get 1))
    (local.get $sum)
    (i32.add (local.get 1) (i32.add (global.get $calls) (global.get $three))))

  (func $both (export "both") (param f64) (result f64)
    (call $wide (local.get 0) (call $caught (i32.const 3)) (f32.const 0.5))
    (drop))

  (func $needs (export "needs") (call $lacking)))
