/** vectors/cosignature/: who cosigned, which lines fail, and when the quorum was reached. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../src/core/bytes.ts';
import { openCheckpoint } from '../src/tlog/checkpoint.ts';
import { collectCosignatures, quorumTime } from '../src/tlog/cosignature.ts';
import { parseVkey } from '../src/tlog/vkey.ts';
import { newTestLog } from './cosigners.ts';

const folder = join(import.meta.dirname, '../vectors/cosignature');
const log = newTestLog('log.example', new Uint8Array(32).fill(1));

describe('cosignature vectors', () => {
  it.each(readdirSync(folder).filter((name) => name.endsWith('.json')))('%s', async (file) => {
    const {
      note,
      witnesses,
      quorum,
      expect: expected,
    } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    const opened = await openCheckpoint(utf8(note), log.vkey);
    const keys = (witnesses as string[]).map((vkey) => parseVkey(vkey).value!);
    const { cosigned, faults } = await collectCosignatures(opened.value!.note, keys);
    expect({
      cosigned: Object.fromEntries(cosigned.map(({ vkey, time }) => [vkey.name, time])),
      faults: faults.map(({ code }) => code),
      quorum_time:
        quorumTime(
          cosigned.map(({ time }) => time),
          quorum,
        ) ?? null,
    }).toEqual(expected);
  });
});
