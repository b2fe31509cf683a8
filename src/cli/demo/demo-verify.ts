/** How the demo verifies: as `qpoe verify` does, in a folder where the bundle lies with all that was laid beside it. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { utf8 } from '../../core/bytes.ts';
import { QpoeError } from '../../core/error.ts';
import { canonicalText } from '../../core/jcs.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Tampered } from '../../demo/sample.ts';
import type { Verify } from '../../demo/take-steps.ts';
import type { Check, Verdict } from '../../verify/check.ts';
import type { Context } from '../context.ts';
import { verify } from '../verify/verify.ts';
import type { FileVerdict } from '../verify/verify-file.ts';
import { answerOf, type DemoPlace } from './demo-place.ts';

const NAME = 'bundle.qpoe.json';

/** The working directory is the bundle's folder meanwhile: where a policy would be looked for, if one ever were. */
export function verifyIn(context: Context, place: DemoPlace): Verify {
  return async (tampered, { id }) => {
    const folder = join(place.path, 'steps', id);
    layOut(folder, tampered);
    const before = process.cwd();
    process.chdir(folder);
    try {
      const { files } = await answerOf<{ files: readonly FileVerdict[] }>(context, (inner) =>
        verify(inner, [NAME], {}),
      );
      const { verdict, error } = files[0]!;
      if (verdict === undefined) throw new QpoeError('external', `step ${id}: ${error}`);
      return withoutPlace(verdict, place);
    } finally {
      process.chdir(before);
    }
  };
}

function layOut(folder: string, { bundle, beside = {} }: Tampered): void {
  const bytes = utf8(`${canonicalText(bundle as unknown as JsonObject)}\n`);
  for (const [path, content] of Object.entries({ [NAME]: bytes, ...beside })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** The temporary folder's name says nothing, and is another each time. */
function withoutPlace(verdict: Verdict, { path }: DemoPlace): Verdict {
  const plain = (text: string): string => text.replaceAll(`${path}/`, '');
  const checks = verdict.checks.map((check): Check => ({ ...check, evidence: plain(check.evidence) }));
  return { ...verdict, headline: plain(verdict.headline), checks };
}
