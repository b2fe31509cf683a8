;; The simulator's kernels in WebAssembly SIMD: src/simulator/plain-kernels.ts, one amplitude (re, im) a vector. Every lane is
;; the same operations in the same order as there, each rounded once: WebAssembly's SIMD fuses nothing (its relaxed form may).
;;
;; Offsets, masks and flips are in bytes: 16 an amplitude. Loops count in the bits of $free, as those in TypeScript do.
(module
  ;; 2^14 amplitudes: 256 KiB.
  (memory (export "memory") 4 4)

  (func (export "scale") (param $free i32) (param $start i32) (param $re f64) (param $im f64)
    (local $offset i32) (local $i i32) (local $v v128) (local $straight v128) (local $crossed v128)
    (local.set $straight (f64x2.splat (local.get $re)))
    (local.set $crossed (f64x2.replace_lane 0 (f64x2.splat (local.get $im)) (f64.neg (local.get $im))))
    (loop $next
      (local.set $v (v128.load (local.tee $i (i32.or (local.get $offset) (local.get $start)))))
      (v128.store (local.get $i)
        (f64x2.add
          (f64x2.mul (local.get $straight) (local.get $v))
          (f64x2.mul (local.get $crossed) (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $v) (local.get $v)))))
      (br_if $next
        (local.tee $offset (i32.and (i32.sub (local.get $offset) (local.get $free)) (local.get $free))))))

  (func (export "exchange") (param $free i32) (param $start i32) (param $flip i32)
    (local $offset i32) (local $i i32) (local $j i32) (local $v v128)
    (loop $next
      (local.set $v (v128.load (local.tee $i (i32.or (local.get $offset) (local.get $start)))))
      (local.set $j (i32.xor (local.get $i) (local.get $flip)))
      (v128.store (local.get $i) (v128.load (local.get $j)))
      (v128.store (local.get $j) (local.get $v))
      (br_if $next
        (local.tee $offset (i32.and (i32.sub (local.get $offset) (local.get $free)) (local.get $free))))))

  (func (export "mix") (param $free i32) (param $start i32) (param $flip i32)
    (param $ar f64) (param $ai f64) (param $br f64) (param $bi f64)
    (param $cr f64) (param $ci f64) (param $dr f64) (param $di f64)
    (local $offset i32) (local $i i32) (local $j i32)
    (local $v v128) (local $w v128) (local $v_crossed v128) (local $w_crossed v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local $a_crossed v128) (local $b_crossed v128) (local $c_crossed v128) (local $d_crossed v128)
    (local.set $a (f64x2.splat (local.get $ar)))
    (local.set $b (f64x2.splat (local.get $br)))
    (local.set $c (f64x2.splat (local.get $cr)))
    (local.set $d (f64x2.splat (local.get $dr)))
    (local.set $a_crossed (f64x2.replace_lane 0 (f64x2.splat (local.get $ai)) (f64.neg (local.get $ai))))
    (local.set $b_crossed (f64x2.replace_lane 0 (f64x2.splat (local.get $bi)) (f64.neg (local.get $bi))))
    (local.set $c_crossed (f64x2.replace_lane 0 (f64x2.splat (local.get $ci)) (f64.neg (local.get $ci))))
    (local.set $d_crossed (f64x2.replace_lane 0 (f64x2.splat (local.get $di)) (f64.neg (local.get $di))))
    (loop $next
      (local.set $v (v128.load (local.tee $i (i32.or (local.get $offset) (local.get $start)))))
      (local.set $w (v128.load (local.tee $j (i32.or (local.get $i) (local.get $flip)))))
      (local.set $v_crossed
        (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $v) (local.get $v)))
      (local.set $w_crossed
        (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $w) (local.get $w)))
      (v128.store (local.get $i)
        (f64x2.add
          (f64x2.add
            (f64x2.mul (local.get $a) (local.get $v))
            (f64x2.mul (local.get $a_crossed) (local.get $v_crossed)))
          (f64x2.add
            (f64x2.mul (local.get $b) (local.get $w))
            (f64x2.mul (local.get $b_crossed) (local.get $w_crossed)))))
      (v128.store (local.get $j)
        (f64x2.add
          (f64x2.add
            (f64x2.mul (local.get $c) (local.get $v))
            (f64x2.mul (local.get $c_crossed) (local.get $v_crossed)))
          (f64x2.add
            (f64x2.mul (local.get $d) (local.get $w))
            (f64x2.mul (local.get $d_crossed) (local.get $w_crossed)))))
      (br_if $next
        (local.tee $offset (i32.and (i32.sub (local.get $offset) (local.get $free)) (local.get $free))))))

  (func (export "mixReal") (param $free i32) (param $start i32) (param $flip i32)
    (param $ar f64) (param $br f64) (param $cr f64) (param $dr f64)
    (local $offset i32) (local $i i32) (local $j i32) (local $v v128) (local $w v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $a (f64x2.splat (local.get $ar)))
    (local.set $b (f64x2.splat (local.get $br)))
    (local.set $c (f64x2.splat (local.get $cr)))
    (local.set $d (f64x2.splat (local.get $dr)))
    (loop $next
      (local.set $v (v128.load (local.tee $i (i32.or (local.get $offset) (local.get $start)))))
      (local.set $w (v128.load (local.tee $j (i32.or (local.get $i) (local.get $flip)))))
      (v128.store (local.get $i)
        (f64x2.add (f64x2.mul (local.get $a) (local.get $v)) (f64x2.mul (local.get $b) (local.get $w))))
      (v128.store (local.get $j)
        (f64x2.add (f64x2.mul (local.get $c) (local.get $v)) (f64x2.mul (local.get $d) (local.get $w))))
      (br_if $next
        (local.tee $offset (i32.and (i32.sub (local.get $offset) (local.get $free)) (local.get $free)))))))
