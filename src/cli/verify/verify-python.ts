/** `qpoe verify --python FILE`: the SDK in that Python says what text it makes of a circuit of the original's. */

import { join } from 'node:path';
import * as z from 'zod/mini';
import { fromUtf8 } from '../../core/bytes.ts';
import { DIGEST_PATTERN } from '../../core/digest.ts';
import { QpoeError } from '../../core/error.ts';
import { JsonError, type JsonValue, parseJson } from '../../core/json.ts';
import { checkShape } from '../../core/shape.ts';
import { describeExit, runProcess } from '../../sdk/process.ts';
import { packageRoot } from '../../store/package-root.ts';
import type { AskSdk } from '../../verify/original-checks.ts';

const TIMEOUT_MS = 120_000;
const MAX_ANSWER_BYTES = 10_000;
const NAMES = { qiskit: 'Qiskit', cirq: 'Cirq' } as const;

const Answer = z.strictObject({
  digest: z.string().check(z.regex(DIGEST_PATTERN)),
  version: z.string().check(z.minLength(1)),
});

/** Starts a process a question: most people ask one. */
export function sdkIn(python: string, signal: AbortSignal): AskSdk {
  return async (question) => {
    const name = NAMES[question.sdk];
    const exit = await runProcess(
      {
        title: `${name} in ${python}`,
        program: python,
        args: ['-I', '-B', join(packageRoot(), 'python', 'original_circuit.py')],
        input: JSON.stringify({ workload: 'clifford_t_sampling', ...question }) + '\n',
      },
      { timeoutMs: TIMEOUT_MS, signal, maxOutputBytes: MAX_ANSWER_BYTES },
    );
    if (exit.code !== 0) throw unanswered(name, python, describeExit(exit));
    const { value, fault } = checkShape(Answer, readAnswer(exit.stdout));
    if (fault !== undefined) throw unanswered(name, python, `no answer: ${fault}`);
    return { ...value, title: `${name} ${value.version} in ${python}` };
  };
}

function readAnswer(stdout: Uint8Array): JsonValue | undefined {
  try {
    return parseJson(fromUtf8(stdout) ?? '');
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

function unanswered(name: string, python: string, reason: string): QpoeError {
  return new QpoeError(
    'external',
    `${python} could not write the circuit with ${name}: ${reason}`,
    `name a Python that has ${name}, or leave --python out`,
  );
}
