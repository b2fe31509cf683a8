/** The one table of `npm run bench`, and its place in docs/performance.md. */

import { type Handed, isMissed, type Row, ratioOf } from './row.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGB: number;
  readonly system: string;
  readonly node: string;
}

/** One benchmark of the last run; its own time and load, since some may have been run again since. */
export interface Measured {
  readonly bench: string;
  readonly at: string;
  /** Of the machine's last minute before it: what else it was busy with. */
  readonly load: number;
  readonly seconds: number;
  readonly full: boolean;
  readonly rows: readonly Handed[];
}

export interface Run {
  readonly machine: Machine;
  readonly benches: readonly Measured[];
}

const HEAD = `| bench | what | ours | peer, in the same run | ratio | limit | as it grows |
| --- | --- | --: | --- | --: | --- | --- |`;

export function renderRun({ machine, benches }: Run): string {
  const { cpu, cores, memoryGB, system, node } = machine;
  const rows = benches.flatMap(({ bench, rows }) => rows.map((row) => renderRow(bench, row)));
  return [
    `${cores} × ${cpu}, ${memoryGB} GB, ${system}, Node ${node}`,
    [HEAD, ...rows].join('\n'),
    `When, how long, and the machine's load before: ${benches.map(renderWhen).join('; ')}.`,
  ].join('\n\n');
}

function renderWhen({ bench, at, seconds, load, full }: Measured): string {
  return `${bench}${full ? ' --full' : ''} ${at.slice(0, 16).replace('T', ' ')}, ${Math.round(seconds)} s, ${load.toFixed(1)}`;
}

function renderRow(bench: string, row: Handed): string {
  if ('skipped' in row) return cells(bench, row.what, '', `skipped: ${row.skipped}`, '', '', '');
  const ratio = ratioOf(row);
  return cells(
    bench,
    row.what,
    figure(row.ours, row.unit),
    row.peer === undefined ? '' : `${row.peer.name}: ${figure(row.peer.value, row.unit)}`,
    ratio === undefined ? '' : significant(ratio),
    renderLimit(row),
    row.growth === undefined
      ? ''
      : `${significant(row.growth.by)} × ${row.growth.of}: ${significant(row.growth.cost)} × the cost`,
  );
}

function renderLimit(row: Row): string {
  if (row.limit === undefined) return '';
  const limit = 'atLeast' in row.limit ? `≥ ${row.limit.atLeast}` : `≤ ${row.limit.atMost}`;
  return isMissed(row) ? `${limit}, **missed**` : limit;
}

/** A reason is another program's words: it must not end its cell or its line. */
function cells(...texts: readonly string[]): string {
  return `| ${texts.map((text) => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')).join(' | ')} |`;
}

function figure(value: number, unit: Row['unit']): string {
  return unit === '/s' ? `${significant(value)}/s` : `${significant(value)} ${unit}`;
}

/** Three digits: no more is known. */
function significant(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value.toLocaleString('en', { maximumSignificantDigits: 3 });
}

/** Runs of some benchmarks replace those of the last run, of the same machine: no table mixes two. */
export function mergeRuns(last: Run | undefined, now: Run, order: readonly string[]): Run {
  const same = last !== undefined && JSON.stringify(last.machine) === JSON.stringify(now.machine);
  const kept = same
    ? last.benches.filter(({ bench }) => !now.benches.some((measured) => measured.bench === bench))
    : [];
  const benches = [...kept, ...now.benches].filter(({ bench }) => order.includes(bench));
  return {
    machine: now.machine,
    benches: benches.sort((a, b) => order.indexOf(a.bench) - order.indexOf(b.bench)),
  };
}

const BEGIN = '<!-- `npm run bench -- --write` writes from here -->';
const END = '<!-- to here -->';

export function tableIn(document: string): string {
  return document.slice(beginOf(document), document.indexOf(END)).trim();
}

export function withTable(document: string, table: string): string {
  return `${document.slice(0, beginOf(document))}\n\n${table}\n\n${document.slice(document.indexOf(END))}`;
}

function beginOf(document: string): number {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`no place for the table: ${BEGIN} … ${END}`);
  return begin + BEGIN.length;
}
