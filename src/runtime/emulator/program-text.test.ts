import { expect, it } from 'vitest';
import { readProgramText } from './program-text.ts';

it('names the inputs in order, and takes the delays out where they stood', () => {
  const { text, inputs, hasDelays } = readProgramText(
    'input float[64] a;\n/* input int x; */ input angle θ_0_ ;\ndelay[100dt] $0; x $0;\nif (c[0]) { delay [ 2.5us ]\n q[0]; }',
  );
  expect(inputs).toEqual(['a', 'θ_0_']);
  expect(hasDelays).toBe(true);
  expect(text).toBe(
    `input float[64] a;\n/* input int x; */ input angle θ_0_ ;\n${' '.repeat(16)} x $0;\nif (c[0]) { ${' '.repeat(15)}\n${' '.repeat(6)} }`,
  );
});

it('leaves alone what only looks like one', () => {
  const source =
    '// delay[1dt] $0; input float x;\nqubit mydelay; include "input x;"; x delay2[0]; gate delay a {}';
  expect(readProgramText(source)).toEqual({ text: source, inputs: [], hasDelays: false });
});

it('is done with endless statements, comments and strings', () => {
  const source = `input ${'a '.repeat(500_000)}`;
  const started = performance.now();
  for (const text of [
    source,
    'delay['.repeat(100_000),
    '/*'.repeat(500_000),
    '"'.repeat(500_000),
    'delay '.repeat(200_000),
  ])
    readProgramText(text);
  expect(performance.now() - started).toBeLessThan(2_000);
});
