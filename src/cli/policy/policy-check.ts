/** `qpoe policy check`: is it a policy, and would it do what its person means? */

import { dirname } from 'node:path';
import { printable } from '../../core/printable.ts';
import { gatherPolicyFacts } from '../../online/policy-facts.ts';
import { lintPolicy } from '../../verify/policy-lint.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { requirePolicy } from '../verify/chosen-policy.ts';

const MAX_LINE = 1000;
const GLYPHS = { warning: '!', note: '·' } as const;

export function checkPolicy(context: Context, file: string | undefined): ExitCode {
  const { policy, path } = requirePolicy(context, file);
  const findings = lintPolicy(policy, gatherPolicyFacts(policy, dirname(path), Date.now()));
  const warnings = findings.filter(({ level }) => level === 'warning').length;
  const exit = warnings === 0 ? EXIT.pass : EXIT.inconclusive;
  for (const { level, code, text, next } of findings)
    context.say(`${GLYPHS[level]} ${level.padEnd(7)} ${code}: ${printable(`${text} → ${next}`, MAX_LINE)}`);
  context.say(
    `${warnings === 0 ? 'OK' : `${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`}  ${printable(path)}`,
  );
  context.answer('policy-check', { exit, policy: path, findings });
  return exit;
}
