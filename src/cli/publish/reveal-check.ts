/** `qpoe reveal --check`: an opened value against the record that withholds it, or a link against the anonymous archive. */

import { QpoeError } from '../../core/error.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import { printable } from '../../core/printable.ts';
import { archiveRecords } from '../../publish/archive-records.ts';
import { judgeLink, LINK_V1 } from '../../publish/link.ts';
import { findOpeningFault, readOpening } from '../../publish/opening-file.ts';
import { signerOf } from '../../publish/signer-of.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { readArchiveFile } from '../verify/archive-file.ts';
import { chooseTrust, type TrustOptions } from '../verify/choose-trust.ts';
import { evidenceMeans } from '../verify/evidence-means.ts';
import { verifyFile } from '../verify/verify-file.ts';
import { readJsonIn, readRecordIn } from './reveal.ts';

/** @param against a record, a bundle, or of a link the archive */
export async function checkRevealed(
  context: Context,
  file: string,
  against: string,
  options: TrustOptions,
): Promise<ExitCode> {
  const value = readJsonIn(file);
  const isLink = isJsonObject(value) && value.mediaType === LINK_V1;
  return isLink
    ? checkLink(context, value as JsonObject, against, options)
    : checkOpening(context, value as JsonObject, file, against, options);
}

/** A value shows nothing about a record that does not itself verify. */
async function checkOpening(
  context: Context,
  value: JsonObject,
  file: string,
  against: string,
  options: TrustOptions,
): Promise<ExitCode> {
  const { value: opening, fault } = readOpening(value);
  if (opening === undefined)
    throw new QpoeError(
      'usage',
      `${file}: neither an opening nor a link: ${fault}`,
      '`qpoe reveal` writes them',
    );
  const { exit, headline } = await verifyAgainst(context, against, options);
  const wrong = findOpeningFault(opening, readRecordIn(against));
  if (wrong !== undefined) return conclude(context, EXIT.fail, `FAIL: ${wrong}`, {});
  const shown = `${printable(opening.path)} = ${printable(JSON.stringify(opening.value), 2000)}`;
  const words =
    exit === EXIT.fail
      ? `FAIL: the record does not verify: ${headline}`
      : `${shown}; the record: ${headline}`;
  return conclude(context, exit, words, { path: opening.path, value: opening.value, record: opening.record });
}

async function verifyAgainst(
  context: Context,
  path: string,
  options: TrustOptions,
): Promise<{ readonly exit: ExitCode; readonly headline: string }> {
  const { trust } = chooseTrust(context, options);
  const { exit, verdict, error } = await verifyFile(
    { path, named: true },
    trust,
    Date.now(),
    await evidenceMeans(trust),
  );
  if (verdict === undefined) throw new QpoeError('unreadable', `${path}: ${error}`);
  return { exit, headline: verdict.headline };
}

/** The archive itself is judged by its one-off signer: who signs another's records into an own manifest didn't sign those. */
async function checkLink(
  context: Context,
  value: JsonObject,
  against: string,
  options: TrustOptions,
): Promise<ExitCode> {
  const archive = readArchiveFile(against);
  const { exit, headline } = await verifyAgainst(context, against, {
    signer: signerOf(archive.manifest),
  });
  if (exit !== EXIT.pass) return conclude(context, exit, `the archive: ${headline}`, {});
  const { trust } = chooseTrust(context, options);
  const linked = { manifest: archive.manifest, digest: archive.digest, records: archiveRecords(archive) };
  const { checks, fault, identity } = await judgeLink(value, linked, trust, await evidenceMeans(trust));
  const failed = checks.find(({ status }) => status === 'fail');
  if (fault !== undefined || failed !== undefined)
    return conclude(context, EXIT.fail, `FAIL: ${printable(fault ?? failed!.evidence)}`, { checks });
  const signer = checks.find(({ id, status }) => id === 'statement.signer' && status === 'pass');
  if (identity === undefined || signer === undefined)
    return conclude(
      context,
      trust.kind === 'unasked' && identity !== undefined ? EXIT.pass : EXIT.inconclusive,
      `INTACT, SIGNER UNKNOWN TO YOU: the archive says it is by ${identity ?? 'a key that you don’t know'}`,
      { checks },
    );
  return conclude(context, EXIT.pass, `PASS: the archive is by ${identity}, signed by ${signer.evidence}`, {
    checks,
    identity,
  });
}

function conclude(context: Context, exit: ExitCode, words: string, answer: object): ExitCode {
  context.say(words);
  context.answer('reveal-check', { exit, says: words, ...answer });
  return exit;
}
