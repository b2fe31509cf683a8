/** QPY circuits as OpenQASM 3, by the person's own Qiskit. Each is asked for once, and many in one process: Qiskit takes a second to load. */

import { digestOf } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { type FoundPython, findPython, type PythonChoice } from '../sdk/python.ts';
import { type ExportedCircuit, exportCircuits } from '../sdk/runner.ts';

export interface QpyExporter {
  /** By the digest of the QPY. Without a Qiskit nothing is in it. */
  readonly known: ReadonlyMap<string, ExportedCircuit>;
  /** `qiskit 2.6.2`; undefined where there is none, or it wasn't needed yet. */
  version(): string | undefined;
  /** Why there is no Qiskit; undefined where there is one, or it wasn't needed yet. */
  missing(): string | undefined;
  add(files: readonly Uint8Array[]): Promise<void>;
}

const TIMEOUT_MS = 300_000;

export function qpyExporter(choice: PythonChoice, signal: AbortSignal): QpyExporter {
  const known = new Map<string, ExportedCircuit>();
  let found: FoundPython | undefined;
  let missing: string | undefined;

  return {
    known,
    version: () => found && `qiskit ${found.description.packages.qiskit}`,
    missing: () => missing,
    add: async (files) => {
      const fresh = [...new Map(files.map((file) => [digestOf(file), file] as const))].filter(
        ([digest]) => !known.has(digest),
      );
      if (fresh.length === 0 || missing !== undefined) return;
      found ??= await findQiskit();
      if (found !== undefined) await exportAll(found.python, fresh);
    },
  };

  async function findQiskit(): Promise<FoundPython | undefined> {
    try {
      return await findPython('qiskit', { ...choice, packages: ['qiskit'] }, { signal });
    } catch (error) {
      // A Python that was named is the one that is meant.
      if (!(error instanceof QpoeError) || error.code !== 'external' || choice.python !== undefined)
        throw error;
      missing = error.message;
      return undefined;
    }
  }

  async function exportAll(python: string, files: readonly (readonly [string, Uint8Array])[]): Promise<void> {
    try {
      const { circuits } = await exportCircuits(
        { sdk: 'qiskit', python },
        files.map(([, bytes]) => bytes),
        { signal, timeoutMs: TIMEOUT_MS },
      );
      for (const [index, [digest]] of files.entries()) known.set(digest, circuits[index]!);
    } catch (error) {
      if (!(error instanceof QpoeError) || error.code === 'interrupted') throw error;
      // One circuit that crashes Qiskit, or takes for ever, must not cost the others.
      if (files.length === 1) known.set(files[0]![0], { fault: error.message });
      else for (const file of files) await exportAll(python, [file]);
    }
  }
}
