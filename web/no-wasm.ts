/** In the place of the simulator's WebAssembly: the page's security policy allows none. The plain kernels give the same bits. */

import type { Kernels } from '../src/simulator/kernels.ts';

export function wasmKernels(): Kernels | undefined {
  return undefined;
}
