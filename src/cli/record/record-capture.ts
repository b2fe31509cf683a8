/** `qpoe record --capture`: jobs that ran in the person's own process, as records of class `captured`. */

import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { text } from 'node:stream/consumers';
import { utf8 } from '../../core/bytes.ts';
import { QpoeError } from '../../core/error.ts';
import { WRAPPED } from '../../core/json.ts';
import { recordText } from '../../record/record.ts';
import { lookAt, readBounded } from '../../store/files.ts';
import { listSpools } from '../../store/spool.ts';
import { openOrCreateStore, type Store } from '../../store/store.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import type { Entered } from '../log/enter-log.ts';
import { checkOut, writeOut } from '../output.ts';
import { type Drained, drainSpool } from './drain.ts';
import { answerStatements, describeStatements } from './keep.ts';
import {
  type CaptureWords,
  enterCaptures,
  type KeptCapture,
  keepCapture,
  parseCapture,
} from './keep-captures.ts';
import { givenLabels, type LabelOptions } from './labels.ts';
import { findSigners, type Signers, type SigningOptions } from './signing.ts';
import { describeSource, type SourceOptions } from './source.ts';

export interface CaptureOptions extends SigningOptions, LabelOptions, SourceOptions {
  /** A file, a spool's folder, or `-`. */
  readonly capture: string;
  readonly follow?: boolean;
  /** Of results that are supplied as files: a capture says these itself. */
  readonly counts?: string;
  readonly circuit?: string;
  readonly sdk?: string;
  readonly backend?: string;
  readonly reverseBits?: boolean;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly out?: string;
}

export async function recordCaptured(context: Context, options: CaptureOptions): Promise<ExitCode> {
  checkOut(options.out);
  refuseSupplied(options);
  const { capture: path } = options;
  const isFolder = path !== '-' && lookAt(path)?.isDirectory() === true;
  if (options.follow === true && !isFolder)
    throw new QpoeError('usage', '--follow is for a folder of captures', 'give --capture DIR');
  const signers = findSigners(context, options);
  const store = openOrCreateStore(context.storePath);
  const words = { labels: givenLabels(options), ...(await describeSource(context, store, options)) };
  if (!isFolder) return recordGiven(context, store, signers, { ...options, words });
  if (options.out !== undefined)
    throw new QpoeError('usage', '--out is for one record', 'leave it out: the store has them all');
  const drained = await drainAll(context, store, signers, {
    folder: path,
    words,
    follow: options.follow === true,
  });
  return reportDrained(context, drained);
}

const SUPPLIED = {
  counts: '--counts',
  circuit: '--circuit',
  sdk: '--sdk',
  backend: '--backend',
  reverseBits: '--reverse-bits',
  startedAt: '--started-at',
  finishedAt: '--finished-at',
} as const;

function refuseSupplied(options: CaptureOptions): void {
  for (const [option, flag] of Object.entries(SUPPLIED))
    if (options[option as keyof typeof SUPPLIED] !== undefined)
      throw new QpoeError('usage', `${flag} and --capture contradict each other`, 'a capture says it itself');
}

interface Given {
  readonly capture: string;
  readonly out?: string;
  readonly words: CaptureWords;
}

async function recordGiven(
  context: Context,
  store: Store,
  signers: Signers,
  { capture: path, out, words }: Given,
): Promise<ExitCode> {
  // All are read before any is kept: of a pipe with a bad line nothing is half done.
  const captures = path === '-' ? await readLines() : [parseCapture(readBounded(path, WRAPPED.bytes), path)];
  if (out !== undefined && captures.length > 1)
    throw new QpoeError('usage', `--out is for one record, and these are ${captures.length}`, 'leave it out');
  const kept: KeptCapture[] = [];
  for (const capture of captures)
    kept.push(
      await keepCapture(context, store, signers, capture, {
        words,
        ...(path === '-' ? {} : { place: path }),
      }),
    );
  if (out !== undefined) writeOut(out, utf8(recordText(kept[0]!.record)));
  const entered = await enterCaptures(context, store, kept);
  report(context, kept, entered);
  return EXIT.pass;
}

/** One capture a line. */
async function readLines() {
  const lines = (await text(process.stdin)).split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) throw new QpoeError('usage', 'no capture on stdin', 'write one a line');
  return lines.map((line, index) => parseCapture(utf8(line), `line ${index + 1}`));
}

function report(context: Context, kept: readonly KeptCapture[], entered: readonly Entered[]): void {
  const placeOf = ({ statements }: KeptCapture): Entered | undefined =>
    entered.find((entry) => statements.some((statement) => statement.path === entry.path));
  for (const one of kept) {
    const { record, path, statements } = one;
    context.say(
      `record  ${record.record.record_id}  (captured${record.record.signature === null ? ', unsigned' : ''})`,
    );
    context.say(`hash    ${record.record.hash}`);
    context.say(`kept    ${path}`);
    for (const line of describeStatements(statements, placeOf(one))) context.say(line);
  }
  context.answer('record-capture', {
    records: kept.map((one) => ({
      record_id: one.record.record.record_id,
      hash: one.record.record.hash,
      path: one.path,
      ...answerStatements(one.statements, placeOf(one)),
    })),
  });
}

interface Folder {
  readonly folder: string;
  readonly words: CaptureWords;
  /** Until standard input ends, which it does when who spools is gone. */
  readonly follow: boolean;
}

async function drainAll(
  context: Context,
  store: Store,
  signers: Signers,
  { folder, words, follow }: Folder,
): Promise<Drained> {
  const kept: KeptCapture[] = [];
  const refused: string[] = [];
  const drain = async (): Promise<void> => {
    for (const spool of listSpools(folder)) {
      const drained = await drainSpool({ context, store, signers, words }, spool);
      kept.push(...drained.kept);
      refused.push(...drained.refused);
    }
  };
  // What it records for is still running, and goes first.
  if (follow) setPriority(constants.priority.PRIORITY_LOW);
  await drain();
  if (follow)
    for await (const _ of rest(context.signal)) {
      await drain();
    }
  return { kept, refused };
}

/** How long captures gather before they are recorded together. */
const GATHER_MS = 500;

/** A turn for whatever was said on standard input since the last, and one when it ends. */
async function* rest(signal: AbortSignal): AsyncGenerator<void> {
  let ended = false;
  process.stdin.resume();
  process.stdin.once('end', () => {
    ended = true;
  });
  while (!ended && !signal.aborted) {
    await Promise.race([once(process.stdin, 'data', { signal }), once(process.stdin, 'end', { signal })]);
    if (!ended) await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    yield;
  }
}

function reportDrained(context: Context, { kept, refused }: Drained): ExitCode {
  context.say(`recorded ${kept.length}${refused.length === 0 ? '' : `, refused ${refused.length}`}`);
  context.answer('record-capture', {
    records: kept.map(({ record, path }) => ({
      record_id: record.record.record_id,
      hash: record.record.hash,
      path,
    })),
    refused,
  });
  return refused.length === 0 ? EXIT.pass : EXIT.usage;
}
