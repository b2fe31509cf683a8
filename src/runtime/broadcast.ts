/** NumPy's broadcasting: which element of a smaller array stands at each place of the common shape. */

import { sizeOf } from '../record/job-results/npy.ts';

/** The shape that two have in common; undefined where they have none. */
export function commonShape(a: readonly number[], b: readonly number[]): readonly number[] | undefined {
  const length = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let axis = 0; axis < length; axis++) {
    const one = a[axis - length + a.length] ?? 1;
    const other = b[axis - length + b.length] ?? 1;
    if (one !== other && one !== 1 && other !== 1) return undefined;
    shape.push(one === 1 ? other : one);
  }
  return shape;
}

/** For each place of `shape`, in C order, the place in an array of the shape `own`. */
export function indexesIn(own: readonly number[], shape: readonly number[]): Uint32Array {
  const indexes = new Uint32Array(sizeOf(shape));
  for (let place = 0; place < indexes.length; place++) indexes[place] = indexIn(own, shape, place);
  return indexes;
}

function indexIn(own: readonly number[], shape: readonly number[], place: number): number {
  let rest = place;
  let index = 0;
  let stride = 1;
  for (let axis = shape.length - 1; axis >= shape.length - own.length; axis--) {
    const position = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
    const length = own[axis - shape.length + own.length]!;
    if (length > 1) index += position * stride;
    stride *= length;
  }
  return index;
}
