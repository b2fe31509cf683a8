/**
 * The reference's own receipt of a commit: `aiir --json --quiet --commit <id>`, made by the `aiir` that the person installed.
 * Its output is given back byte for byte.
 */

import type { AiDeclaration } from '../attest/declared-ai.ts';
import { QpoeError } from '../core/error.ts';
import { JsonError, type JsonValue, parseJsonBytes } from '../core/json.ts';
import { printable } from '../core/printable.ts';
import { type Command, describeExit, runProcess } from '../sdk/process.ts';
import { type GitLimits, gitEnvironment } from './git.ts';

const TIMEOUT_MS = 300_000;
const MAX_RECEIPT_BYTES = 50_000_000;

/**
 * @param sha the commit's whole id
 * @throws QpoeError `external` (not installed, failed, or not a receipt of this commit), `interrupted`
 */
export async function makeReceiptByAiir(
  folder: string,
  sha: string,
  declaration: AiDeclaration | undefined,
  { env, signal, timeoutMs = TIMEOUT_MS }: GitLimits,
): Promise<Uint8Array> {
  const program: Command = {
    title: 'aiir',
    program: 'aiir',
    args: ['--json', '--quiet', '--commit', sha, ...declarationArguments(declaration)],
    // Python would otherwise print in the encoding of the locale.
    env: { ...gitEnvironment(env), PYTHONUTF8: '1' },
    folder: folder === '' ? '.' : folder,
    advice: { missing: 'pipx install aiir, or leave --aiir out' },
  };
  const exit = await runProcess(program, { signal, timeoutMs, maxOutputBytes: MAX_RECEIPT_BYTES });
  if (exit.code !== 0) throw new QpoeError('external', `aiir failed: ${describeExit(exit)}`);
  const fault = findFault(exit.stdout, sha);
  if (fault !== undefined) throw new QpoeError('external', `aiir printed no receipt of ${sha}: ${fault}`);
  return exit.stdout;
}

/** With `=`, so that a name that begins with a dash is no option. */
function declarationArguments(declaration: AiDeclaration | undefined): string[] {
  if (declaration === undefined) return [];
  const { tool, model } = declaration;
  return [`--agent-tool=${tool}`, ...(model === undefined ? [] : [`--agent-model=${model}`])];
}

function findFault(bytes: Uint8Array, sha: string): string | undefined {
  try {
    const commit = memberOf(parseJsonBytes(bytes), 'commit');
    return memberOf(commit, 'sha') === sha ? undefined : 'it is of another commit';
  } catch (error) {
    if (error instanceof JsonError) return printable(error.message);
    throw error;
  }
}

function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as { readonly [name: string]: JsonValue })[name] : undefined;
}
