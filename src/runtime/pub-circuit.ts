/** A PUB's circuit: what the provider got, its OpenQASM where there is any, and the canonical gate lists of its bound forms. */

import { type Circuit, circuitBytes } from '../circuit/circuit.ts';
import { readOpenQasm } from '../circuit/read-openqasm.ts';
import { fromUtf8 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import type { ExportedCircuit } from '../sdk/runner.ts';
import type { PubSource } from './pub.ts';

export interface PubCircuit {
  readonly source: PubSource;
  /** undefined where there is none, and `reason` says why. */
  readonly text: string | undefined;
  /** Their names, in the order in which a list of values binds them; undefined where they aren't known. */
  readonly parameters: readonly string[] | undefined;
  /** What the text calls them, in the same order: Qiskit's names may be none in OpenQASM. */
  readonly inputs: readonly string[];
  readonly reason: string | undefined;
}

const NOT_EXPORTED = 'QPY is only hashed: no Qiskit was there to read it';

/** @param exported what the person's own Qiskit made of the QPY */
export function pubCircuit(source: PubSource, exported: ExportedCircuit | undefined): PubCircuit {
  if (source.format !== 'qpy') {
    const text = fromUtf8(source.bytes)!;
    // Qiskit, which reads the text at the provider, sorts parameters by name.
    const inputs = inputsOf(text).sort();
    return { source, text, parameters: inputs, inputs, reason: undefined };
  }
  if (exported === undefined || 'fault' in exported)
    return {
      source,
      text: undefined,
      parameters: undefined,
      inputs: [],
      reason: exported?.fault ?? NOT_EXPORTED,
    };
  const { text, parameters } = exported;
  return { source, text, parameters, inputs: inputsOf(text), reason: undefined };
}

/** In the order of their declaration. */
function inputsOf(text: string): string[] {
  const declared =
    /^\s*input\s+(?:float|angle)(?:\s*\[\s*\d+\s*\])?\s+([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)\s*;/gm;
  return [...text.matchAll(declared)].map(([, name]) => name!);
}

export interface Bound {
  readonly circuit: Circuit;
  readonly bytes: Uint8Array;
  /** Names of the classical registers, in the order of their declaration. */
  readonly registers: readonly string[];
}

/** @returns the gate list, or why there is none */
export function bindCircuit(
  { text, reason, parameters, inputs }: PubCircuit,
  pub: number,
  values: ReadonlyMap<string, number> | undefined,
): Bound | string {
  if (text === undefined) return reason!;
  if (values === undefined || parameters?.length !== inputs.length)
    return 'it is not known which value is which parameter’s';
  if (![...values.values()].every(Number.isFinite)) return 'a value that is no number';
  const named = new Map(
    [...values].map(([name, value]) => [inputs[parameters.indexOf(name)] ?? name, value] as const),
  );
  try {
    const { circuit, registers } = readOpenQasm(text, `pub ${pub}`, named);
    return { circuit, bytes: circuitBytes(circuit), registers: registers.map(({ name }) => name) };
  } catch (error) {
    if (!(error instanceof QpoeError)) throw error;
    return printable(error.message, 300);
  }
}
