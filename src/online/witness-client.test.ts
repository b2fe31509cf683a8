/** Asking witnesses: honest ones, each kind of dishonest one, and two labs that witness each other. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Cosigner, newMlDsaWitness, newTestLog, newWitness } from '../../test/cosigners.ts';
import { entriesFrom, newLogPlace } from '../../test/log-place.ts';
import { naiveLeaves, naiveProof, naiveRoot } from '../../test/naive-tree.ts';
import { utf8 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { createLog, type OpenLog } from '../store/log.ts';
import { appendToLog } from '../store/log-append.ts';
import { proveConsistency, readCheckpoint } from '../store/log-read.ts';
import { createWitnessKey } from '../store/witness-key.ts';
import { formatCheckpoint } from '../tlog/checkpoint.ts';
import { collectCosignatures, formatCosignature } from '../tlog/cosignature.ts';
import { formatNote, formatSignatureLine, parseNote } from '../tlog/note.ts';
import { makeVkey, type Vkey } from '../tlog/vkey.ts';
import { type CosignOptions, cosignCheckpoint, type WitnessTarget } from './witness-client.ts';
import { serveWitness } from './witness-server.ts';

const NOW = 1_700_000_000;
const LEAVES = naiveLeaves(20);
const prove = (oldSize: number, size: number) => naiveProof(oldSize, LEAVES.slice(0, size));
const log = newTestLog('log.example');
const text = formatCheckpoint(log.checkpoint(9));

type Handler = (request: IncomingMessage, body: string, response: ServerResponse) => void;

async function serve(handler: Handler): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => handler(request, Buffer.concat(chunks).toString(), response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A witness that answers so, whatever it is asked. */
const answering = (status: number, body: string | Uint8Array, headers: Record<string, string> = {}) =>
  serve((_request, _body, response) => response.writeHead(status, headers).end(body));

const witness = newWitness('witness.example');
const lineOf = ({ cosign }: Cosigner, over = text, time = NOW) => formatSignatureLine(cosign(over, time));

const options = (more: Partial<CosignOptions> = {}): CosignOptions => ({
  quorum: 1,
  signal: new AbortController().signal,
  timeoutMs: 2000,
  now: () => NOW * 1000,
  ...more,
});

const ask = (targets: readonly WitnessTarget[], more: Partial<CosignOptions> = {}) =>
  cosignCheckpoint(prove, log.note(9), targets, options(more));

/** What the one witness that is asked fails with. */
async function codeOf(url: string, vkey: Vkey = witness.vkey, more: Partial<CosignOptions> = {}) {
  const { failed, cosigned, note, reached } = await ask([{ vkey, url }], more);
  if (failed.length === 0) return undefined;
  expect(cosigned).toEqual([]);
  expect(reached).toBe(false);
  expect(note).toEqual(log.note(9));
  expect(failed[0]!.fault).not.toMatch(/[\n\u001b]/);
  return failed[0]!.code;
}

describe('a witness that answers well', () => {
  it.each<[string, Cosigner]>([
    ['by Ed25519', witness],
    ['by ML-DSA-44', newMlDsaWitness('pq.example')],
  ])('%s is in the note', async (_, cosigner) => {
    const url = await answering(200, lineOf(cosigner));
    const result = await ask([{ vkey: cosigner.vkey, url }]);
    expect(result).toMatchObject({
      cosigned: [{ vkey: cosigner.vkey, time: NOW }],
      failed: [],
      reached: true,
    });
    const { value } = parseNote(result.note);
    expect(value!.signatures).toHaveLength(2);
    expect((await collectCosignatures(value!, [cosigner.vkey])).cosigned).toHaveLength(1);
  });

  it('is asked from the size that it names, once', async () => {
    const asked: string[] = [];
    const url = await serve((_request, body, response) => {
      asked.push(body.split('\n\n')[0]!);
      if (asked.length === 1) response.writeHead(409, { 'Content-Type': 'text/x.tlog.size' }).end('5\n');
      else response.end(lineOf(witness));
    });
    expect((await ask([{ vkey: witness.vkey, url: `${url}/prefix/` }])).failed).toEqual([]);
    expect(asked[0]).toBe('old 0');
    expect(asked[1]!.split('\n')).toHaveLength(1 + prove(5, 9).length);
  });

  it('is asked from the size it is thought to have, and at the URL with its prefix', async () => {
    const asked: string[] = [];
    const url = await serve((request, body, response) => {
      asked.push(request.url!, body.split('\n')[0]!);
      response.end(lineOf(witness));
    });
    await ask([{ vkey: witness.vkey, url: `${url}/w/1/`, lastSize: 5 }]);
    await ask([{ vkey: witness.vkey, url, lastSize: 50 }]);
    expect(asked).toEqual(['/w/1/add-checkpoint', 'old 5', '/add-checkpoint', 'old 9']);
  });

  it('among others: unknown keys’ lines are left out', async () => {
    const url = await answering(200, lineOf(newWitness('stranger')) + lineOf(witness));
    const { note } = await ask([{ vkey: witness.vkey, url }]);
    expect(parseNote(note).value!.signatures.map(({ name }) => name)).toEqual([
      'log.example',
      'witness.example',
    ]);
  });

  it('signs with two keys is asked once, and each counts', async () => {
    const second = newMlDsaWitness('witness.example');
    let asked = 0;
    const url = await serve((_request, _body, response) => {
      asked++;
      response.end(lineOf(witness) + lineOf(second));
    });
    const targets = [
      { vkey: witness.vkey, url },
      { vkey: second.vkey, url: `${url}/` },
    ];
    expect((await ask(targets, { quorum: 2 })).reached).toBe(true);
    expect(asked).toBe(1);
  });

  it('is sent no one’s signature but the log’s', async () => {
    const other = newWitness('other.example');
    let sent = '';
    const url = await serve((_request, body, response) => {
      sent = body;
      response.end(lineOf(witness));
    });
    const note = log.note(9, other.cosign(text, 5));
    const targets = [{ vkey: witness.vkey, url }];
    const result = await cosignCheckpoint(prove, note, targets, options());
    expect(sent).not.toContain('other.example');
    expect(parseNote(result.note).value!.signatures.map(({ name }) => name)).toEqual([
      'log.example',
      'other.example',
      'witness.example',
    ]);
  });

  it('is not asked again, and keeps its first time', async () => {
    const url = await answering(500, '');
    const note = log.note(9, witness.cosign(text, 7));
    const result = await cosignCheckpoint(prove, note, [{ vkey: witness.vkey, url }], options());
    expect(result).toMatchObject({ note, cosigned: [{ time: 7 }], failed: [], reached: true });
  });
});

describe('a witness that', () => {
  it.each<[string, number, string, string]>([
    ['says 409 with garbage', 409, '<html>\n', 'witness.conflict'],
    ['says 409 with nothing', 409, '', 'witness.conflict'],
    ['says 409 for ever', 409, '5\n', 'witness.conflict'],
    ['says 409 to the size that it names', 409, '0\n', 'witness.conflict'],
    ['has cosigned more than there is', 409, '10\n', 'witness.ahead'],
    ['refuses', 403, 'no\u001b[2K\n', 'witness.status'],
    ['fails', 500, '', 'witness.status'],
    ['answers HTML', 200, '<html></html>', 'witness.answer'],
    ['answers nothing', 200, '', 'witness.answer'],
    ['answers no UTF-8', 200, '\u0000', 'witness.answer'],
    ['answers a whole note of another text', 200, `x\n\n${lineOf(witness)}`, 'witness.answer'],
    ['signs with another key', 200, lineOf(newWitness('witness.example')), 'witness.unsigned'],
    ['signs another tree', 200, lineOf(witness, formatCheckpoint(log.checkpoint(8))), 'cosignature.invalid'],
    ['signs at time 0', 200, lineOf(witness, text, 0), 'cosignature.time'],
    ['signs in the future', 200, lineOf(witness, text, NOW + 301), 'witness.future'],
    ['signs twice, once badly', 200, lineOf(witness) + lineOf(witness, 'x\n'), 'cosignature.invalid'],
  ])('%s is reported, and not used', async (_, status, body, code) => {
    expect(await codeOf(await answering(status, body))).toBe(code);
  });

  it('signs a little ahead of this clock is used', async () => {
    expect(await codeOf(await answering(200, lineOf(witness, text, NOW + 300)))).toBeUndefined();
    const ahead = await answering(200, lineOf(witness, text, NOW + 3));
    expect(await codeOf(ahead, witness.vkey, { skewMs: 2000 })).toBe('witness.future');
  });

  it('changes the time that it signed is reported', async () => {
    const { signature } = witness.cosign(text, NOW);
    const changed = formatCosignature(NOW - 1000, signature.slice(8));
    const url = await answering(200, formatSignatureLine({ ...witness.vkey, signature: changed }));
    expect(await codeOf(url)).toBe('cosignature.invalid');
  });

  it('sends somewhere else is not followed', async () => {
    const elsewhere = await answering(200, lineOf(witness));
    expect(await codeOf(await answering(307, '', { Location: `${elsewhere}/add-checkpoint` }))).toBe(
      'witness.status',
    );
  });

  it('never stops answering is cut off', async () => {
    expect(await codeOf(await answering(200, 'x'.repeat(70_000)))).toBe('witness.unreachable');
  });

  it('is silent, drips, or hangs up is given up', async () => {
    const silent = await serve(() => {});
    expect(await codeOf(silent, witness.vkey, { timeoutMs: 200 })).toBe('witness.timeout');
    const dripping = await serve((_request, _body, response) => {
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    });
    expect(await codeOf(dripping, witness.vkey, { timeoutMs: 200 })).toBe('witness.timeout');
    const rude = await serve((request) => request.socket.destroy());
    expect(await codeOf(rude)).toBe('witness.unreachable');
    expect(await codeOf('http://127.0.0.1:1')).toBe('witness.unreachable');
  });
});

describe('several witnesses', () => {
  it('make a quorum without those that fail', async () => {
    const [a, b] = [newWitness('a.example'), newWitness('b.example')];
    const targets = [
      { vkey: a.vkey, url: await answering(200, lineOf(a)) },
      { vkey: witness.vkey, url: await answering(500, '') },
      { vkey: b.vkey, url: await answering(200, lineOf(b, text, NOW - 5)) },
    ];
    const two = await ask(targets, { quorum: 2 });
    expect(two.cosigned.map(({ time }) => time)).toEqual([NOW, NOW - 5]);
    expect(two.failed).toMatchObject([{ target: { vkey: witness.vkey }, code: 'witness.status' }]);
    expect(two.reached).toBe(true);
    expect((await ask(targets, { quorum: 3 })).reached).toBe(false);
  });

  it('are one where they have one key', async () => {
    const twin = makeVkey('twin.example', witness.vkey.type, witness.vkey.publicKey);
    const asTwin = formatSignatureLine({ ...witness.cosign(text, NOW), ...twin });
    const targets = [
      { vkey: witness.vkey, url: await answering(200, lineOf(witness)) },
      { vkey: twin, url: await answering(200, asTwin) },
    ];
    expect(await ask(targets, { quorum: 2 })).toMatchObject({ cosigned: [{}], reached: false });
  });

  it('are none where the person stops it', async () => {
    const controller = new AbortController();
    const url = await serve(() => controller.abort());
    await expect(ask([{ vkey: witness.vkey, url }], { signal: controller.signal })).rejects.toMatchObject({
      code: 'interrupted',
    });
  });

  it('need URLs, and a checkpoint', async () => {
    for (const url of [
      'witness.example',
      'ftp://witness.example',
      'http://me@witness.example',
      'http://w/?q',
    ])
      await expect(ask([{ vkey: witness.vkey, url }])).rejects.toMatchObject({ code: 'usage' });
    const unsigned = utf8(formatNote({ text, signatures: [witness.cosign(text, 5)] }));
    await expect(cosignCheckpoint(prove, unsigned, [], options())).rejects.toMatchObject({ code: 'usage' });
    await expect(cosignCheckpoint(prove, utf8('x'), [], options())).rejects.toMatchObject({ code: 'usage' });
  });

  it('can not be asked for what our own log can’t prove', async () => {
    const url = await answering(409, '5\n');
    const damaged = () => {
      throw new QpoeError('refused', 'tile is not there');
    };
    const { failed } = await cosignCheckpoint(damaged, log.note(9), [{ vkey: witness.vkey, url }], options());
    expect(failed).toMatchObject([{ fault: 'tile is not there', code: 'witness.proof' }]);
  });
});

describe('two labs', () => {
  interface Lab {
    readonly log: OpenLog;
    readonly target: WitnessTarget;
  }

  async function newLab(name: string, logOf: () => readonly Vkey[]): Promise<Lab> {
    const place = newLogPlace();
    const ownLog = createLog({ ...place, origin: `${name}.example` });
    const key = createWitnessKey(place.home, undefined, `${name}.example/witness`);
    const controller = new AbortController();
    const { url, closed } = await serveWitness({
      host: '127.0.0.1',
      port: 0,
      witness: key,
      logs: logOf(),
      signal: controller.signal,
    });
    onTestFinished(() => {
      controller.abort();
      return closed;
    });
    return { log: ownLog, target: { vkey: key.vkey, url } };
  }

  const cosigned = ({ log: { path } }: Lab, by: Lab) =>
    cosignCheckpoint(
      (oldSize, size) => proveConsistency(path, oldSize, size),
      readCheckpoint(path),
      [by.target],
      options({ now: Date.now }),
    );

  it('witness each other with nothing else', async () => {
    const known: Vkey[] = [];
    const a = await newLab('a', () => known);
    const b = await newLab('b', () => known);
    known.push(a.log.vkey, b.log.vkey);
    for (const count of [3, 1, 300, 0, 5])
      for (const [lab, other] of [
        [a, b],
        [b, a],
      ] as const) {
        const before = readCheckpoint(lab.log.path);
        if (count > 0) await appendToLog(lab.log, entriesFrom(before.length * 1000, count));
        const { failed, reached, note } = await cosigned(lab, other);
        expect(failed).toEqual([]);
        expect(reached).toBe(true);
        const { value } = parseNote(note);
        expect((await collectCosignatures(value!, [other.target.vkey])).faults).toEqual([]);
      }
  });

  it('catch a log that forks, at the same size or a larger one', async () => {
    const lab = await newLab('a', () => [log.vkey]);
    expect((await ask([lab.target], { now: Date.now })).reached).toBe(true);
    // What the log shows to another victim.
    const leaves = LEAVES.toReversed();
    const forkProof = (oldSize: number, size: number) => naiveProof(oldSize, leaves.slice(0, size));
    for (const size of [9, 12, 20]) {
      const root = new Uint8Array(naiveRoot(leaves.slice(0, size)));
      const forked = formatCheckpoint({ ...log.checkpoint(size), root });
      const note = utf8(formatNote({ text: forked, signatures: [log.sign(forked)] }));
      const { failed, reached } = await cosignCheckpoint(forkProof, note, [lab.target], options());
      expect(reached).toBe(false);
      expect(failed[0]!.fault).toMatch(/^answered 422: consistency\.(?:old|new)-root$/);
    }
  });
});
