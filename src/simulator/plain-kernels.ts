/** The kernels in TypeScript. A loop counts in the bits of `free` alone: subtracting the mask carries through the rest. */

import { type Kernels, TILE_QUBITS } from './kernels.ts';

export function plainKernels(): Kernels {
  const scratch = new Float64Array(2 << TILE_QUBITS);
  return {
    scratch,
    scale: (free, start, numbers) => scale(scratch, 2 * free, 2 * start, numbers),
    exchange: (free, start, flip) => exchange(scratch, 2 * free, 2 * start, 2 * flip),
    mix: (free, start, flip, numbers) => mix(scratch, 2 * free, 2 * start, 2 * flip, numbers),
    mixReal: (free, start, flip, numbers) => mixReal(scratch, 2 * free, 2 * start, 2 * flip, numbers),
  };
}

function scale(a: Float64Array, free: number, start: number, numbers: Float64Array): void {
  const fr = numbers[0]!;
  const fi = numbers[1]!;
  let offset = 0;
  do {
    const i = offset | start;
    const r = a[i]!;
    const s = a[i + 1]!;
    a[i] = fr * r - fi * s;
    a[i + 1] = fr * s + fi * r;
    offset = (offset - free) & free;
  } while (offset !== 0);
}

function exchange(a: Float64Array, free: number, start: number, flip: number): void {
  let offset = 0;
  do {
    const i = offset | start;
    const j = i ^ flip;
    const r = a[i]!;
    const s = a[i + 1]!;
    a[i] = a[j]!;
    a[i + 1] = a[j + 1]!;
    a[j] = r;
    a[j + 1] = s;
    offset = (offset - free) & free;
  } while (offset !== 0);
}

function mix(a: Float64Array, free: number, start: number, flip: number, numbers: Float64Array): void {
  const ar = numbers[0]!;
  const ai = numbers[1]!;
  const br = numbers[2]!;
  const bi = numbers[3]!;
  const cr = numbers[4]!;
  const ci = numbers[5]!;
  const dr = numbers[6]!;
  const di = numbers[7]!;
  let offset = 0;
  do {
    const i = offset | start;
    const j = i | flip;
    const r0 = a[i]!;
    const i0 = a[i + 1]!;
    const r1 = a[j]!;
    const i1 = a[j + 1]!;
    a[i] = ar * r0 - ai * i0 + (br * r1 - bi * i1);
    a[i + 1] = ar * i0 + ai * r0 + (br * i1 + bi * r1);
    a[j] = cr * r0 - ci * i0 + (dr * r1 - di * i1);
    a[j + 1] = cr * i0 + ci * r0 + (dr * i1 + di * r1);
    offset = (offset - free) & free;
  } while (offset !== 0);
}

function mixReal(a: Float64Array, free: number, start: number, flip: number, numbers: Float64Array): void {
  const ar = numbers[0]!;
  const br = numbers[2]!;
  const cr = numbers[4]!;
  const dr = numbers[6]!;
  let offset = 0;
  do {
    const i = offset | start;
    const j = i | flip;
    const r0 = a[i]!;
    const i0 = a[i + 1]!;
    const r1 = a[j]!;
    const i1 = a[j + 1]!;
    a[i] = ar * r0 + br * r1;
    a[i + 1] = ar * i0 + br * i1;
    a[j] = cr * r0 + dr * r1;
    a[j + 1] = cr * i0 + dr * i1;
    offset = (offset - free) & free;
  } while (offset !== 0);
}
