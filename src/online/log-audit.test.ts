import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { entriesFrom, logFiles, newLogPlace } from '../../test/log-place.ts';
import { b64, newP256, signedEntry, signedRekord } from '../../test/log-requests.ts';
import { type Bytes, concatenate, toHex, utf8 } from '../core/bytes.ts';
import { homeAt } from '../store/home.ts';
import { createLog, type LogPlace, type OpenLog, openLog } from '../store/log.ts';
import { appendToLog } from '../store/log-append.ts';
import { signCheckpoint } from '../store/log-checkpoint.ts';
import { readCheckpoint } from '../store/log-read.ts';
import { formatEntryBundle } from '../tlog/entry-bundle.ts';
import { formatHashedRekord, parseHashedRekord } from '../tlog/hashedrekord.ts';
import { findConsistencyFault } from '../tlog/merkle.ts';
import { type AuditOptions, auditLog } from './log-audit.ts';
import { serveLog } from './log-server.ts';

interface Grown {
  readonly log: OpenLog;
  readonly place: LogPlace;
  /** The checkpoint of each size that it was given. */
  readonly seen: readonly Bytes[];
}

/** A log that grew to each of these sizes in turn. */
async function grown(...sizes: readonly number[]): Promise<Grown> {
  const place = newLogPlace();
  const log = createLog(place);
  const seen: Bytes[] = [];
  let size = 0;
  for (const next of sizes) {
    if (next > size) await appendToLog(log, entriesFrom(size, next - size));
    size = next;
    seen.push(readCheckpoint(log.path));
  }
  return { log, place, seen };
}

const audit = ({ log }: { log: OpenLog }, options: Partial<AuditOptions> = {}) =>
  auditLog({ dir: log.path }, { vkey: log.vkey, ownKeys: [], isKnown: () => false, ...options });

function flip(log: OpenLog, file: string, at = 0): Buffer {
  const path = join(log.path, file);
  const bytes = readFileSync(path);
  bytes[at]! ^= 1;
  writeFileSync(path, bytes);
  return bytes;
}

/** Two logs with one key that have the first entries in common and then none. */
async function forked(common: number, first: number, second: number) {
  const { place, log, seen } = await grown(common);
  const other = mkdtempSync(join(tmpdir(), 'qpoe-fork-'));
  onTestFinished(() => rmSync(other, { recursive: true, force: true }));
  cpSync(join(place.path, '..'), join(other, 'store'), { recursive: true });
  cpSync(place.home.path, join(other, 'home'), { recursive: true });
  const branch = openLog({
    path: join(other, 'store', 'log'),
    home: homeAt(join(other, 'home')),
    passphrase: undefined,
  });
  await appendToLog(log, entriesFrom(common, first));
  await appendToLog(branch, entriesFrom(100_000, second));
  return { log, branch, common: seen[0]! };
}

describe('a log that only grows', () => {
  it.each([
    [[0, 1]],
    [[1, 2]],
    [[3, 3]],
    [[5, 255, 256, 257]],
    [[256, 512]],
    [[300, 700, 1300]],
    [[100, 66_000]],
  ])('is followed through the sizes %j', async (sizes) => {
    const { log, seen } = await grown(...sizes);
    const whole = await audit({ log });
    expect(whole).toMatchObject({ fault: undefined, entries: sizes.at(-1), strangerCount: 0 });
    expect(whole.note).toEqual(seen.at(-1));
    for (const [i, size] of sizes.entries()) {
      const reports: [number, number][] = [];
      const report = (entries: number, of: number) => reports.push([entries, of]);
      const followed = await audit({ log }, { seen: seen[i]!, report });
      expect(followed.fault).toBeUndefined();
      expect(followed.entries).toBe(sizes.at(-1)! - size);
      expect(followed.checkpoint!.size).toBe(sizes.at(-1));
      expect(reports.at(-1) ?? [0, 0]).toEqual([followed.entries, followed.entries]);
    }
  });

  it('is followed without the partial tiles that it has removed', async () => {
    const { log, seen } = await grown(3, 200, 600);
    for (const file of logFiles(log.path).filter((name) => /\.p\//.test(name)))
      if (!/\/002\.p\/88$|tile\/1\/000\.p\/2$/.test(file)) rmSync(join(log.path, file));
    for (const checkpoint of seen) expect((await audit({ log }, { seen: checkpoint })).fault).toBeUndefined();
  });

  it('may grow on while it is read', async () => {
    const { log, seen } = await grown(3, 200);
    // What a reader holds who fetched the checkpoint of 200 before the log grew to 600.
    await appendToLog(log, entriesFrom(200, 400));
    writeFileSync(join(log.path, 'checkpoint'), seen[1]!);
    expect(await audit({ log }, { seen: seen[0]! })).toMatchObject({ fault: undefined, entries: 197 });
  });

  it('is read from an address as from a folder', async () => {
    const { log, seen } = await grown(300, 900);
    const controller = new AbortController();
    const { url, closed } = await serveLog(log, { port: 0, signal: controller.signal, note: () => {} });
    for (const address of [url, `${url}/`])
      expect(
        await auditLog(
          { url: address },
          { vkey: log.vkey, seen: seen[0]!, ownKeys: [], isKnown: () => false },
        ),
      ).toMatchObject({ fault: undefined, entries: 600, checkpoint: { size: 900 } });
    controller.abort();
    await closed;
  });
});

describe('a log that contradicts itself', () => {
  it.each([
    [5, 3, 9],
    [256, 256, 300],
    [300, 20, 700],
    [1, 1, 600],
  ])(
    'signed two trees after %i common entries (%i and %i more): the evidence proves it',
    async (...sizes) => {
      const { log, branch } = await forked(...sizes);
      const seen = readCheckpoint(log.path);
      const { fault, checkpoint, entries } = await audit({ log: branch }, { seen });
      expect(fault).toMatchObject({ code: 'audit.fork', evidence: { seen } });
      expect(fault!.evidence.shown).toEqual(readCheckpoint(branch.path));
      expect(entries).toBe(0);
      const { oldRoot, hashes } = fault!.evidence.consistency!;
      const old = (await audit({ log })).checkpoint!;
      const trees = {
        oldSize: old.size,
        oldRoot,
        newSize: checkpoint!.size,
        newRoot: checkpoint!.root,
      };
      expect(findConsistencyFault(trees, hashes)).toBeUndefined();
      expect(toHex(oldRoot)).not.toBe(toHex(old.root));
      expect(fault!.evidence.files.length).toBeGreaterThan(0);
    },
  );

  it('signed two roots for one size', async () => {
    const { log, branch } = await forked(5, 4, 4);
    const { fault } = await audit({ log: branch }, { seen: readCheckpoint(log.path) });
    expect(fault).toMatchObject({ code: 'audit.fork', fault: 'it signed two roots for 9 entries' });
  });

  it('shows less than it did', async () => {
    const { log, branch, common } = await forked(5, 9, 3);
    const seen = readCheckpoint(log.path);
    expect((await audit({ log: branch }, { seen })).fault!.code).toBe('audit.rollback');
    writeFileSync(join(log.path, 'checkpoint'), common);
    const { fault } = await audit({ log }, { seen });
    expect(fault).toMatchObject({
      code: 'audit.rollback',
      fault: 'it shows a tree of 5 entries, and showed one of 14',
      evidence: { seen, shown: common },
    });
  });

  it('is not accused of a fork for tiles that it did not sign', async () => {
    const { log, branch } = await forked(300, 20, 700);
    const seen = readCheckpoint(log.path);
    flip(branch, 'tile/0/001');
    expect((await audit({ log: branch }, { seen })).fault).toMatchObject({
      code: 'audit.tile',
      fault: expect.stringContaining('neither'),
    });
  });

  it('signed another tree than it shows', async () => {
    const { log, seen } = await grown(300, 310);
    const forged = signCheckpoint(310, new Uint8Array(32).fill(7), log.vkey, log.key);
    writeFileSync(join(log.path, 'checkpoint'), forged.note);
    expect((await audit({ log }, { seen: seen[0]! })).fault).toMatchObject({ code: 'audit.root' });
    expect((await audit({ log })).fault).toMatchObject({ code: 'audit.root' });
  });

  it('signed a tree with another entry than it shows, under its own tiles', async () => {
    const { log } = await grown(3);
    const path = join(log.path, 'tile/entries/000.p/3');
    writeFileSync(path, formatEntryBundle([...entriesFrom(0, 2), utf8('other')]));
    const { fault } = await audit({ log });
    expect(fault).toMatchObject({
      code: 'audit.entries',
      fault: 'tile/entries/000.p/3 holds other entries than were signed',
    });
    expect(fault!.evidence.files.map(({ path }) => path)).toEqual(['tile/0/000.p/3', 'tile/entries/000.p/3']);
    expect(fault!.evidence.files[1]!.bytes).toEqual(new Uint8Array(readFileSync(path)));
  });
});

describe('a flipped byte', () => {
  it.each(['tile/0/001', 'tile/0/002.p/88', 'tile/1/000.p/2'])(
    'in %s is found, and the file named and kept',
    async (file) => {
      const { log, seen } = await grown(300, 600);
      const bytes = flip(log, file, 3);
      for (const from of [seen[0]!, undefined]) {
        const { fault } = await audit({ log }, { seen: from });
        expect(fault?.code).toBe('audit.tile');
        const kept = fault!.evidence.files.find(({ path }) => path === file);
        expect(kept!.bytes).toEqual(new Uint8Array(bytes));
      }
    },
  );

  it.each([
    ['in an entry', 5, /holds other entries than were signed|other entries than before/],
    ['in a length', 0, /the entry bundle/],
  ])('%s is found, and the bundle named', async (_, at, message) => {
    const { log, seen } = await grown(300, 600);
    for (const file of ['tile/entries/001', 'tile/entries/002.p/88']) {
      const bytes = flip(log, file, at);
      const { fault } = await audit({ log }, { seen: seen[0]! });
      expect(fault).toMatchObject({ code: 'audit.entries' });
      expect(fault!.fault).toContain(file);
      expect(fault!.fault).toMatch(message);
      expect(fault!.evidence.files.some((kept) => toHex(kept.bytes) === toHex(bytes))).toBe(true);
      flip(log, file, at);
    }
  });

  it('in an entry that was checked before is found where its bundle is read again', async () => {
    const { log, seen } = await grown(300, 310);
    flip(log, 'tile/entries/001.p/54', 5);
    expect((await audit({ log }, { seen: seen[0]! })).fault).toMatchObject({
      fault: 'tile/entries/001.p/54: it holds other entries than before',
    });
  });

  it('in the checkpoint is not taken for what the log signed', async () => {
    const { log } = await grown(3);
    const note = flip(log, 'checkpoint', readCheckpoint(log.path).length - 8);
    const { fault, checkpoint } = await audit({ log });
    expect(fault).toMatchObject({ code: 'audit.checkpoint', evidence: { shown: new Uint8Array(note) } });
    expect(checkpoint).toBeUndefined();
  });
});

describe('a file that is not there', () => {
  it.each(['tile/0/001', 'tile/0/002.p/88', 'tile/1/000.p/2', 'tile/entries/001', 'tile/entries/002.p/88'])(
    '%s is named',
    async (file) => {
      const { log, seen } = await grown(300, 600);
      rmSync(join(log.path, file));
      for (const from of [seen[0]!, undefined]) {
        const { fault } = await audit({ log }, { seen: from });
        expect(fault!.code).toMatch(/^audit\.(tile|entries)$/);
        expect(fault!.fault).toContain(`${file}`);
        expect(fault!.fault).toContain('is not there');
      }
    },
  );

  it('is the log itself where there is no checkpoint', async () => {
    const { log } = await grown(3);
    rmSync(join(log.path, 'checkpoint'));
    await expect(audit({ log })).rejects.toMatchObject({ code: 'unreadable' });
  });
});

describe('entries in my name', () => {
  const mine = newP256();
  const ownKeys = [signedRekord(mine, '').publicKey];
  const made = signedRekord(mine, 'made');
  const isKnown: AuditOptions['isKnown'] = ({ digest }) => toHex(digest) === toHex(made.digest);

  it('are listed where I did not make them', async () => {
    const { log, seen } = await grown(255);
    const stolen = signedEntry(mine, 'stolen');
    const forged = formatHashedRekord({ ...signedRekord(newP256(), 'forged'), publicKey: ownKeys[0]! });
    const odd = utf8(`{"kind":"other","key":"${b64(ownKeys[0]!)}"}`);
    const others = signedEntry(newP256(), 'theirs');
    await appendToLog(log, [formatHashedRekord(made), stolen, others, forged, odd]);
    const { fault, strangers, strangerCount, entries } = await audit(
      { log },
      { seen: seen[0]!, ownKeys, isKnown },
    );
    expect([fault, entries, strangerCount]).toEqual([undefined, 5, 3]);
    expect(strangers).toEqual([
      { index: 256, entry: stolen, signed: true, rekord: parseHashedRekord(stolen).value },
      { index: 258, entry: forged, signed: false, rekord: parseHashedRekord(forged).value },
      { index: 259, entry: odd, signed: false, rekord: undefined },
    ]);
  });

  it('are listed once, by the audit that first reads them', async () => {
    const { log } = await grown(3);
    await appendToLog(log, [signedEntry(mine, 'stolen')]);
    const first = await audit({ log }, { ownKeys, isKnown });
    expect(first.strangerCount).toBe(1);
    const next = await audit({ log }, { seen: first.note, ownKeys, isKnown });
    expect(next).toMatchObject({ entries: 0, strangerCount: 0 });
  });
});

describe('an audit that can’t be made', () => {
  /** A server that answers everything so. */
  async function answering(status: number, body: string | Bytes, delayMs = 0): Promise<string> {
    const server = createServer((_, response) => {
      setTimeout(() => response.writeHead(status).end(body), delayMs);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => server.closeAllConnections());
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const { vkey } = createLogOnce();
  const at = (url: string, options: Partial<AuditOptions> = {}) =>
    auditLog({ url }, { vkey, ownKeys: [], isKnown: () => false, ...options });

  it.each([
    ['no address', 'log.example.org'],
    ['another scheme', 'file:///etc'],
    ['a query', 'http://127.0.0.1:1/?x'],
  ])('has %s', async (_, url) => {
    await expect(at(url)).rejects.toMatchObject({ code: 'usage' });
  });

  it('finds no one there', async () => {
    await expect(at('http://127.0.0.1:1')).rejects.toMatchObject({ code: 'external' });
  });

  it('finds no log there', async () => {
    await expect(at(await answering(404, ''))).rejects.toThrow(/no log at .*no checkpoint/);
  });

  it('finds the service out of order', async () => {
    await expect(at(await answering(500, ''))).rejects.toThrow(/it answered with status 500/);
  });

  it.each([
    ['a page', '<!doctype html>\n<title>Welcome</title>\n'],
    ['nothing', ''],
    ['what is too long', new Uint8Array(3_000_000)],
  ])('finds %s there that is no signed note', async (_, body) => {
    await expect(at(await answering(200, body))).rejects.toMatchObject({
      code: 'external',
      message: expect.stringMatching(/^no log at .*no signed note$/),
    });
  });

  it('finds a checkpoint there that another key signed', async () => {
    const other = createLogOnce();
    const { note } = signCheckpoint(
      3,
      new Uint8Array(32).fill(7),
      { ...other.vkey, name: vkey.name },
      other.key,
    );
    expect((await at(await answering(200, note))).fault).toMatchObject({ code: 'audit.checkpoint' });
  });

  it('finds this log’s checkpoint there, damaged', async () => {
    const { fault } = await at(await answering(200, `${vkey.name}\n3\n`));
    expect(fault).toMatchObject({ code: 'audit.checkpoint' });
  });

  it('is not sent elsewhere', async () => {
    let asked = 0;
    const elsewhere = createServer((_, response) => {
      asked++;
      response.end();
    });
    const server = createServer((request, response) => {
      const { port } = elsewhere.address() as AddressInfo;
      response.writeHead(302, { location: `http://127.0.0.1:${port}${request.url}` }).end();
    });
    for (const one of [elsewhere, server]) {
      await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void one.close());
    }
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(at(url)).rejects.toMatchObject({
      code: 'external',
      message: expect.stringContaining('redirect'),
    });
    expect(asked).toBe(0);
  });

  it('does not wait for ever', async () => {
    const url = await answering(200, '', 60_000);
    await expect(at(url, { timeoutMs: 50 })).rejects.toThrow(/no answer within 0.05 s/);
  });

  it('is stopped', async () => {
    const url = await answering(200, '', 60_000);
    const signal = AbortSignal.timeout(50);
    await expect(at(url, { signal })).rejects.toMatchObject({ code: 'interrupted' });
  });

  it('holds no more of an answer than a checkpoint has', async () => {
    const url = await answering(200, concatenate([utf8(`${vkey.name}\n`), new Uint8Array(3_000_000)]));
    const { fault, note } = await at(url);
    expect(fault).toMatchObject({ code: 'audit.checkpoint', fault: expect.stringContaining('limit') });
    expect(note.length).toBe(1_000_001);
  });

  it('is asked to begin at another log’s checkpoint', async () => {
    const [{ log }, { seen }] = [await grown(3), await grown(3)];
    await expect(audit({ log }, { seen: seen[0]! })).rejects.toMatchObject({ code: 'usage' });
  });
});

function createLogOnce(): OpenLog {
  const root = mkdtempSync(join(tmpdir(), 'qpoe-audit-'));
  try {
    const place = { path: join(root, 'log'), home: homeAt(join(root, 'home')), passphrase: undefined };
    return createLog(place);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

describe('memory', () => {
  it('does not grow with a bundle of the largest entries', async () => {
    const { log } = await grown(0);
    const large = Array.from({ length: 40 }, (_, i) =>
      concatenate([utf8(String(i)), new Uint8Array(65_000)]),
    );
    await appendToLog(log, large);
    expect(await audit({ log })).toMatchObject({ fault: undefined, entries: 40 });
  });
});
