/** `qpoe policy audit`: an archive against a checklist, control by control, with what shows each or what to add. */

import { join } from 'node:path';
import { fromUtf8 } from '../../core/bytes.ts';
import { QpoeError } from '../../core/error.ts';
import { JsonError, parseJson } from '../../core/json.ts';
import { printable } from '../../core/printable.ts';
import { readToml } from '../../core/toml.ts';
import { openArchive } from '../../publish/archive.ts';
import { listArchived } from '../../publish/archive-records.ts';
import {
  type Audited,
  type AuditedControl,
  auditArchive,
  type Checklist,
  readChecklist,
} from '../../publish/checklist.ts';
import { verifyArchive } from '../../publish/verify-archive.ts';
import { readBounded } from '../../store/files.ts';
import { packageRoot } from '../../store/package-root.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { chooseTrust, type TrustOptions } from '../verify/choose-trust.ts';
import { evidenceMeans } from '../verify/evidence-means.ts';
import { MAX_ARCHIVE_BYTES } from '../verify/zip-file.ts';
import { SHIPPED_CHECKLISTS } from './shipped-checklists.ts';

const MAX_CHECKLIST_BYTES = 1_000_000;

export async function auditPolicy(
  context: Context,
  path: string,
  options: TrustOptions & { readonly against: string },
): Promise<ExitCode> {
  const checklist = loadChecklist(options.against);
  const { trust } = chooseTrust(context, options);
  const bytes = readBounded(path, MAX_ARCHIVE_BYTES);
  const { value: archive, fault } = openArchive(bytes);
  if (archive === undefined)
    throw new QpoeError(
      'usage',
      `${path}: ${printable(fault)}`,
      'give an archive, as `qpoe publish` writes it',
    );
  const { verdict, members } = await verifyArchive(bytes, trust, Date.now(), await evidenceMeans(trust));
  const audited: Audited = { manifest: archive.manifest, verdict, members, records: listArchived(archive) };
  const controls = auditArchive(checklist, audited);
  context.say(`${printable(checklist.title)}: ${printable(path)}`);
  context.say(`the archive: ${printable(verdict.headline)}`);
  for (const line of controls.flatMap(describe)) context.say(line);
  const count = (outcome: AuditedControl['outcome']) =>
    controls.filter((one) => one.outcome === outcome).length;
  context.say('');
  context.say(`${count('met')} met, ${count('unmet')} not met, ${count('unknown')} can’t be said`);
  context.note('it judges what the archive shows, and not whether that is true or enough');
  const exit = exitOf(controls, verdict.verdict === 'fail');
  context.answer('policy-audit', { exit, checklist: checklist.title, archive: verdict.headline, controls });
  return exit;
}

function exitOf(controls: readonly AuditedControl[], failed: boolean): ExitCode {
  if (failed || controls.some(({ outcome }) => outcome === 'unmet')) return EXIT.fail;
  return controls.some(({ outcome }) => outcome === 'unknown') ? EXIT.inconclusive : EXIT.pass;
}

function describe({ id, title, outcome, needs }: AuditedControl): string[] {
  const mark = { met: '✓ met', unmet: '✗ not met', unknown: '? unknown' }[outcome];
  return [
    '',
    `${mark.padEnd(10)} ${printable(id)}  ${printable(title, 1000)}`,
    ...needs.flatMap(({ need, met, evidence, add }) => [
      `           ${met === true ? '✓' : met === false ? '✗' : '?'} ${need}: ${printable(evidence, 1000)}`,
      ...(add === undefined ? [] : [`             → ${add}`]),
    ]),
  ];
}

/** A shipped one by its name, any other by its path. */
function loadChecklist(against: string): Checklist {
  const path = SHIPPED_CHECKLISTS.includes(against)
    ? join(packageRoot(), 'checklists', `${against}.toml`)
    : against;
  const text = fromUtf8(readChecklistFile(path));
  if (text === undefined) throw new QpoeError('usage', `${path}: not UTF-8`, 'save it as UTF-8 text');
  return readChecklist(/^\s*\{/.test(text) ? readJson(text, path) : readToml(text, path), path);
}

function readChecklistFile(path: string): Uint8Array {
  try {
    return readBounded(path, MAX_CHECKLIST_BYTES);
  } catch (error) {
    if (!(error instanceof QpoeError) || error.code !== 'unreadable') throw error;
    const hint = `name a TOML or JSON file of yours, or one that is shipped: ${SHIPPED_CHECKLISTS.join(', ')}`;
    throw new QpoeError('unreadable', error.message, hint, { cause: error });
  }
}

function readJson(text: string, path: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new QpoeError('usage', `${path}: ${error.message}`, 'correct it');
  }
}
