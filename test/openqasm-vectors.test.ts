/** The committed OpenQASM files that are refused, one fault a file: each says in its last line what is wrong, and where. */

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readOpenQasm } from '../src/circuit/read-openqasm.ts';
import { QpoeError } from '../src/core/error.ts';

const folder = new URL('../vectors/openqasm/', import.meta.url);
const filesOf = (kind: string): [string, string][] =>
  readdirSync(new URL(`${kind}/`, folder)).map((name) => [
    name,
    readFileSync(new URL(`${kind}/${name}`, folder), 'utf8'),
  ]);

test.each(filesOf('read'))('%s is read', (name, text) => {
  const { circuit, version } = readOpenQasm(text, name);
  expect(version).toBe(Number(name[0]));
  expect(circuit.operations.length).toBeGreaterThan(0);
});

describe('refused in milliseconds, with line, column and reason', () => {
  test.each(filesOf('refused'))('%s', (name, text) => {
    const expected = /\/\/ refused: (.*)\n$/.exec(text)?.[1];
    const start = performance.now();
    const error = errorOf(() => readOpenQasm(text, name));
    expect(error.message).toBe(`${name}: ${expected}`);
    expect(error.code).toBe('usage');
    // A bomb is counted before it goes off; the rest of a second is for a busy machine.
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});

function errorOf(run: () => unknown): QpoeError {
  try {
    run();
  } catch (error) {
    if (error instanceof QpoeError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
