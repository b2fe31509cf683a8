/** The two includes there are, and the gates a language has without one. */

import type { GateName } from './gates.ts';
import { startBudget } from './qasm-budget.ts';
import { defineGate } from './qasm-definition.ts';
import type { Gate } from './qasm-gate.ts';
import {
  LANGUAGE_GATES,
  QELIB1_BASE,
  QELIB1_DEFINITIONS,
  QELIB1_ORIGINAL,
  STDGATES_BASE,
  STDGATES_DEFINITIONS,
} from './qasm-library.ts';
import { type OpenQasmVersion, startParser } from './qasm-parser.ts';
import { type Reading, startReading } from './qasm-scope.ts';
import { fault, shown } from './qasm-source.ts';
import { readStatement, type Statement } from './qasm-statement.ts';

const LIBRARIES = {
  2: { file: 'qelib1.inc', base: QELIB1_BASE, definitions: QELIB1_DEFINITIONS },
  3: { file: 'stdgates.inc', base: STDGATES_BASE, definitions: STDGATES_DEFINITIONS },
} as const;

export function includeLibrary(reading: Reading, { file, at }: Statement & { kind: 'include' }): void {
  const own = LIBRARIES[reading.version];
  const other = LIBRARIES[reading.version === 2 ? 3 : 2];
  if (file === other.file)
    throw fault(
      reading.source,
      at,
      `"${file}" is of OpenQASM ${reading.version === 2 ? 3 : 2}, and the file says ${reading.version}.0`,
      `include "${own.file}", or change the version`,
    );
  if (file !== own.file)
    throw fault(reading.source, at, `the file "${shown(file)}" is not opened`, 'put its text in its place');
  // Included twice is included once.
  if (reading.hasLibrary) return;
  reading.hasLibrary = true;
  for (const [name, gate] of libraryGates(reading.version)) addGate(reading, name, gate, at);
}

/** What the file defined before stays, where the paper's qelib1.inc lacks it. */
function addGate(reading: Reading, name: string, gate: Gate, at: number): void {
  const known = reading.gates.get(name);
  const own = known !== undefined && known.kind !== 'phase' && !known.library;
  if (own && (reading.version === 3 || QELIB1_ORIGINAL.has(name)))
    throw fault(reading.source, at, `the gate ${shown(name)} is defined before the include that has it`);
  if (!own) reading.gates.set(name, gate);
}

export function languageGates(version: OpenQasmVersion): ReadonlyMap<string, Gate> {
  const gates = baseGates(LANGUAGE_GATES[version]);
  return version === 2 ? gates : new Map([...gates, ['gphase', { kind: 'phase' }]]);
}

function baseGates(names: ReadonlyMap<string, GateName>): Map<string, Gate> {
  return new Map([...names].map(([name, base]) => [name, { kind: 'base', name: base, library: true }]));
}

function libraryGates(version: OpenQasmVersion): ReadonlyMap<string, Gate> {
  const { file, base, definitions } = LIBRARIES[version];
  const parser = startParser({ name: file, text: definitions });
  // Its own text is OpenQASM 3 for either version.
  parser.version = 3;
  const reading = startReading(parser.source, 3, startBudget(), new Map());
  for (const [name, gate] of baseGates(base)) reading.gates.set(name, gate);
  for (let statement = readStatement(parser); statement?.kind === 'gate'; statement = readStatement(parser))
    defineGate(reading, statement, true);
  return reading.gates;
}
