/**
 * Faults on demand: what goes wrong, at which of the requests.
 *
 *     503 every 3                      every third request, of any kind
 *     cut every 7 on DELETE /api/v1/jobs/*
 *     slow:2000 first 5 on POST        the first five
 *     429 nth 4 on /api/v1/jobs        the fourth alone
 *
 * One a line or between commas; `#` starts a comment. A rule counts the requests that it is about. Of several that come due,
 * the first does it.
 */

import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';

export type Fault =
  /** An error of the service, and nothing was done. */
  | { readonly kind: 'status'; readonly status: number }
  /** The connection ends before anything was done. */
  | { readonly kind: 'drop' }
  /** It was done, and the connection ends instead of the answer. */
  | { readonly kind: 'cut' }
  /** Half of the answer, and then the connection ends. */
  | { readonly kind: 'truncate' }
  /** An answer that is no JSON. */
  | { readonly kind: 'garbage' }
  | { readonly kind: 'slow'; readonly ms: number };

interface AskedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
}

export type FaultHook = (request: AskedRequest) => Fault | undefined;

interface Rule {
  readonly fault: Fault;
  readonly due: (count: number) => boolean;
  readonly about: (request: AskedRequest) => boolean;
}

const RULE =
  /^(?<what>[a-z0-9:]+)(?:\s+(?<when>every|first|nth)\s+(?<n>[1-9]\d{0,8}))?(?:\s+on(?:\s+(?<method>[A-Z]+))?(?:\s+(?<path>\/\S*))?)?$/;

/** @throws QpoeError `usage` */
export function readFaults(spec: string): FaultHook {
  const rules = spec
    .replace(/#[^\n]*/g, '')
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(readRule);
  const counts = rules.map(() => 0);
  return (request) => {
    let chosen: Fault | undefined;
    for (const [at, { fault, due, about }] of rules.entries()) {
      if (!about(request)) continue;
      counts[at]!++;
      if (due(counts[at]!)) chosen ??= fault;
    }
    return chosen;
  };
}

function readRule(line: string): Rule {
  const groups = RULE.exec(line)?.groups;
  const fault = groups === undefined ? undefined : readFault(groups.what!);
  if (groups === undefined || fault === undefined)
    throw new QpoeError(
      'usage',
      `--faults: not a rule: ${printable(line, 100)}`,
      'WHAT [every|first|nth N] [on [METHOD] [/path/*]], WHAT being a status of 400 to 599, drop, cut, truncate, garbage or slow:MS',
    );
  return { fault, due: dueBy(groups.when, Number(groups.n)), about: aboutBy(groups.method, groups.path) };
}

function readFault(what: string): Fault | undefined {
  if (/^[45]\d\d$/.test(what)) return { kind: 'status', status: Number(what) };
  const slow = /^slow:(\d{1,6})$/.exec(what);
  if (slow !== null) return { kind: 'slow', ms: Number(slow[1]) };
  const plain = (['drop', 'cut', 'truncate', 'garbage'] as const).find((kind) => kind === what);
  return plain === undefined ? undefined : { kind: plain };
}

function dueBy(when: string | undefined, n: number): Rule['due'] {
  if (when === 'every') return (count) => count % n === 0;
  if (when === 'first') return (count) => count <= n;
  return when === 'nth' ? (count) => count === n : () => true;
}

function aboutBy(method: string | undefined, path: string | undefined): Rule['about'] {
  const pattern =
    path === undefined
      ? undefined
      : new RegExp(`^${path.replace(/[^\w/*]/g, '\\$&').replaceAll('*', '[^/]*')}$`);
  return (request) =>
    (method === undefined || method === request.method) && (pattern?.test(request.path) ?? true);
}
