/** Our log, as Tessera's fsck sees it; and a log of Tessera's, as ours does. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createLog } from '../../src/store/log.ts';
import { appendToLog } from '../../src/store/log-append.ts';
import { fsck } from '../../src/store/log-fsck.ts';
import { parseVkey, type Vkey } from '../../src/tlog/vkey.ts';
import { placeIn } from '../cli.ts';
import { entriesFrom, logFiles, logPlaceIn } from '../log-place.ts';
import { startTessera, TESSERA_FSCK, TESSERA_POSIX, tesseraFault } from '../tessera.ts';
import { goTool } from './tools.ts';

const checker = goTool(TESSERA_FSCK);
const posix = goTool(TESSERA_POSIX);
const root = mkdtempSync(join(tmpdir(), 'qpoe-log-tessera-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const SIZES = [1, 255, 256, 300, 400];

async function ourLog() {
  const log = createLog(logPlaceIn(mkdtempSync(join(root, 'ours-'))));
  for (const [i, size] of SIZES.entries())
    await appendToLog(log, entriesFrom(SIZES[i - 1] ?? 0, size - (SIZES[i - 1] ?? 0)));
  return log;
}

/** Flips one bit of every byte of every file, in turn. @returns how many, once each was found and named */
function flipEveryByte(log: string, vkey: Vkey): number {
  let flips = 0;
  expect(fsck(log, vkey).bad).toBeUndefined();
  for (const file of logFiles(log)) {
    if (file.startsWith('.')) continue;
    const path = join(log, file);
    const bytes = readFileSync(path);
    for (let at = 0; at < bytes.length; at++, flips++) {
      bytes[at]! ^= 1 << (at % 8);
      writeFileSync(path, bytes);
      expect(fsck(log, vkey).bad?.path, `${file} at ${at}`).toBe(file);
      bytes[at]! ^= 1 << (at % 8);
    }
    writeFileSync(path, bytes);
  }
  return flips;
}

describe('our log', () => {
  it('has no byte whose flip our fsck misses', async () => {
    const log = await ourLog();
    console.log(`ours: ${flipEveryByte(log.path, log.vkey)} bytes flipped, all found`);
  });

  describe.skipIf('reason' in checker)('with Tessera’s fsck', () => {
    const fault = (path: string, vkey: Vkey) => tesseraFault((checker as { path: string }).path, path, vkey);

    it('is accepted at the checkpoint that an unpacked bundle holds', () => {
      const place = placeIn(mkdtempSync(join(root, 'bundle-')));
      expect(place.qpoe('run', '--n-qubits', '2', '--depth', '1').code).toBe(0);
      place.qpoe('bundle', '--out', 'b.json');
      expect(place.qpoe('bundle', 'unpack', 'b.json', '--out', 'parts').code).toBe(0);
      const log = place.path('.qpoe/log');
      // The statement's number is that of its place in the bundle.
      const held = readdirSync(place.path('parts/log')).find((file) => file.endsWith('.checkpoint'))!;
      expect(readFileSync(place.path('parts/log', held))).toEqual(readFileSync(join(log, 'checkpoint')));
      const { vkey } = JSON.parse(place.qpoe('log', 'checkpoint', '--json').stdout);
      expect(fault(log, parseVkey(vkey).value!)).toBeUndefined();
    });

    it('is accepted at every size', async () => {
      const log = createLog(logPlaceIn(mkdtempSync(join(root, 'ours-'))));
      for (const [i, size] of [...SIZES, 70_000].entries()) {
        const from = SIZES[i - 1] ?? 0;
        await appendToLog(log, entriesFrom(from, size - from));
        expect(fault(log.path, log.vkey)).toBeUndefined();
      }
    });

    it('is refused with a byte flipped', async () => {
      const log = await ourLog();
      for (const file of ['checkpoint', 'tile/0/001.p/144', 'tile/1/000.p/1', 'tile/entries/000']) {
        const path = join(log.path, file);
        const good = readFileSync(path);
        const bytes = Buffer.from(good);
        bytes[20]! ^= 1;
        writeFileSync(path, bytes);
        expect(fault(log.path, log.vkey), file).toBeDefined();
        writeFileSync(path, good);
      }
    });
  });
});

describe.skipIf('reason' in posix)('a log of Tessera’s', () => {
  it('is accepted by our fsck, which misses no flipped byte of it', async () => {
    const path = join(root, 'tessera');
    const { vkey, add, stop } = await startTessera((posix as { path: string }).path, path);
    await Promise.all(entriesFrom(0, 300).map(add));
    // With the entry that found it started. It is stopped in the second between two checkpoints.
    await expect
      .poll(() => fsck(path, vkey), { timeout: 10_000 })
      .toMatchObject({
        bad: undefined,
        checkpoint: { size: 301 },
      });
    stop();
    expect(fsck(path, vkey).bad).toBeUndefined();
    console.log(`Tessera’s: ${flipEveryByte(path, vkey)} bytes flipped, all found`);
  });
});
