/** The runner of transcripts notices what a document says wrongly. */

import { describe, expect, it } from 'vitest';
import { runDocument } from './transcript.ts';

const machine = { has: ['something'], environment: {} };
const run = (...lines: string[]) => runDocument(['```console run', ...lines, '```', ''].join('\n'), machine);
const ID = (digit: string): string => digit.repeat(64);

describe('a transcript that is right', () => {
  it.each([
    ['prints what it shows', '$ echo one', 'one'],
    ['leaves lines out where it says so', '$ seq 5', '1', '…', '4', '…'],
    ['goes on over lines', "$ cat <<'END'", '> a', '> END', 'a'],
    ['keeps folder and variables', '$ x=7; mkdir new; cd new', '$ echo $x $(basename $PWD)', '7 new'],
    ['shows a status that was asked for', '$ false', '$ echo $?', '1'],
    [
      'has other ids each time, the same ones throughout',
      `$ echo ${ID('a')}`,
      ID('b'),
      `$ echo ${ID('b')}`,
      ID('b'),
    ],
    ['has other times and sizes each time', '$ echo 12 ms, 3 bytes', '99 ms, 5 bytes'],
    ['has a size of up to twice or half', '$ echo 10 bytes, 20 characters', '20 bytes, 10 characters'],
    ['leaves a line’s end out', '$ echo one two', 'one …'],
  ])('%s', async (_, ...lines) => expect(await run(...lines)).toBeGreaterThan(0));

  it('leaves out what needs what isn’t there', async () => {
    expect(await runDocument('```console run needs=nothing\n$ false\n```\n', machine)).toBe(0);
    expect(await runDocument('```console run needs=something\n$ true\n```\n', machine)).toBe(1);
  });
});

describe('a transcript that is wrong', () => {
  it.each([
    ['in a line', '$ echo one', 'two'],
    ['as more is printed', '$ seq 3', '1', '2'],
    ['as something stands between', '$ seq 3', '1', '3'],
    ['in the order', '$ seq 3', '…', '3', '1', '…'],
    ['as the command fails', '$ false'],
    ['as there is no such command', '$ qpoe no-such-command'],
    ['in the status', '$ false', '$ echo $?', '0'],
    ['in an id that it showed before', `$ echo ${ID('a')} ${ID('c')}`, `${ID('b')} ${ID('b')}`],
    ['in two ids that are one', `$ echo ${ID('a')} ${ID('a')}`, `${ID('b')} ${ID('c')}`],
    ['in a circuit’s digest', `$ echo circuit sha256:${ID('a')}`, `circuit sha256:${ID('b')}`],
    ['in a size, by more than twice', '$ echo 10 bytes', '21 bytes'],
    [
      'in the second of two sizes, by less than half',
      '$ echo 10 bytes, 21 characters',
      '10 bytes, 10 characters',
    ],
    ['in a number that never changes', '$ echo 960 shots', '961 shots'],
  ])('%s', async (_, ...lines) => expect(run(...lines)).rejects.toThrow());
});
