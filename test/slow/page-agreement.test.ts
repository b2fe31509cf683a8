/** The page's verifier and the command's, on the same evidence: check for check on mutants of a complete bundle, and digit for digit on circuits and counts. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Circuit, circuitDigest } from '../../src/circuit/circuit.ts';
import { buildWorkload, findWorkload } from '../../src/circuit/workloads.ts';
import { judgeMembers } from '../../src/cli/verify/archive-members.ts';
import { evidenceMeans } from '../../src/cli/verify/evidence-means.ts';
import { type FileMeans, verifyFile } from '../../src/cli/verify/verify-file.ts';
import { canonicalText } from '../../src/core/jcs.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { sampleCounts } from '../../src/simulator/sampler.ts';
import type { Verdict } from '../../src/verify/check.ts';
import { parsePolicy } from '../../src/verify/policy.ts';
import type { Trust } from '../../src/verify/trust.ts';
import { verifyBytes } from '../../src/verify/verify.ts';
import type { Answer, ChosenTrust, Request } from '../../web/protocol.ts';
import { type ArchiveMutant, contentMutants, fileMutants, zipMutants } from '../archive-mutants.ts';
import { CITED, filesOf, fillStore } from '../archives.ts';
import { everyNth, type Mutant, memberMutants, textMutants } from '../bundle-mutants.ts';
import { type Place, placeIn } from '../cli.ts';
import { NOW } from '../records.ts';
import { type Laboratory, openLaboratory, partMutants } from '../tamper-matrix.ts';
import { describePage, launch, PAGE_URL, tomlOf, withoutStamps } from './page-browser.ts';

/** As the page's own worker is made: of its one script. */
async function startWorker(page: Page): Promise<void> {
  await page.evaluate(() => {
    const script = document.querySelector('script:not([type])')!.textContent!;
    const worker = new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })));
    const waiting = new Map<number, (answer: unknown) => void>();
    worker.onmessage = ({ data: { id, message } }) => {
      if (message.kind !== 'progress') waiting.get(id)!(message);
    };
    let last = 0;
    Object.assign(globalThis, {
      ask: (message: object) =>
        new Promise((settle) => {
          waiting.set(++last, settle);
          worker.postMessage({ id: last, message });
        }),
    });
  });
}

const askAll = (page: Page, requests: readonly Request[]): Promise<readonly Answer[]> =>
  page.evaluate((all: readonly { bytes?: string }[]) => {
    const { ask } = globalThis as unknown as { ask(request: object): Promise<never> };
    const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    return Promise.all(
      all.map((one) => ask(one.bytes === undefined ? one : { ...one, bytes: bytesOf(one.bytes) })),
    );
  }, requests as never);

const BATCH = 64;
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

type Checks = Verdict['checks'];

const isUnchecked = ({ code }: Checks[number]): boolean => code?.endsWith('.unchecked') === true;
/** What follows from stamps, which only a terminal judges. */
const DATED = ['time.existed_by', 'order.declared_before_run'];

/** Without what the page left unchecked, and what follows from that. */
function comparable(checks: Checks, onPage: Checks): unknown {
  const unchecked = onPage.filter(isUnchecked);
  const rests = ({ id, part }: Checks[number]): boolean =>
    unchecked.some(
      (one) => one.part === part && (one.id === id || (one.id !== 'time.stamp' && id.startsWith('receipt.'))),
    );
  return plain(
    checks.filter((check) => !rests(check) && (unchecked.length === 0 || !DATED.includes(check.id))),
  );
}

/** Where it is still a bundle: the same without stamps, of which the page could judge all. */
function unstamped({ kind, about, bytes }: Mutant): Mutant[] {
  try {
    return [
      {
        kind,
        about: `${about}, without stamps`,
        bytes: Buffer.from(withoutStamps(Buffer.from(bytes).toString())),
      },
    ];
  } catch {
    return [];
  }
}

const root = mkdtempSync(join(tmpdir(), 'qpoe-page-agreement-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describePage('the page and the command', () => {
  let browser: Browser;
  let page: Page;
  let laboratory: Laboratory;
  beforeAll(async () => {
    [browser, laboratory] = await Promise.all([launch(), openLaboratory()]);
    // Only so that the test may start a worker of its own.
    page = await (await browser.newContext({ bypassCSP: true })).newPage();
    await page.goto(PAGE_URL);
    await startWorker(page);
  });
  afterAll(async () => {
    await browser.close();
    laboratory.close();
  });

  const verifyAll = async (mutants: readonly Mutant[], trust: ChosenTrust): Promise<readonly Answer[]> => {
    const answers: Answer[] = [];
    for (let at = 0; at < mutants.length; at += BATCH) {
      const requests = mutants.slice(at, at + BATCH).map(({ bytes }) => ({
        kind: 'verify' as const,
        bytes: Buffer.from(bytes).toString('base64') as never,
        trust,
        now: NOW,
      }));
      answers.push(...(await askAll(page, requests)));
    }
    return answers;
  };

  it('agree check for check on mutants of the tamper matrix', async () => {
    const { bundle, means } = laboratory;
    const original = JSON.parse(Buffer.from(bundle.bytes).toString());
    const parts = await partMutants(laboratory);
    const mutants = [
      { kind: 'changed', about: 'nothing', bytes: bundle.bytes } as Mutant,
      ...parts.filter(({ kind }) => ['rebuilt', 'replayed', 'added', 'swapped'].includes(kind)),
      ...everyNth(parts, 9),
      ...[...everyNth(parts, 9)].flatMap(unstamped),
      ...[...everyNth(memberMutants(original), 67)].flatMap(unstamped),
      ...everyNth(memberMutants(original), 101),
      ...everyNth(textMutants(bundle.bytes, { cut: 97, flip: 97 }), 41),
    ];
    const { policy, path } = bundle.strict as Extract<Trust, { kind: 'policy' }>;
    const toml = tomlOf(policy);
    const trust: Trust = { kind: 'policy', policy: parsePolicy(toml, path), path };
    const answers = await verifyAll(mutants, { kind: 'policy', name: path, toml });
    const verdicts: Record<string, number> = {};
    for (const [at, { about, bytes }] of mutants.entries()) {
      const answer = answers[at]!;
      const shown = answer.kind === 'verified' ? answer.verified.verdict : answer;
      // The same code without what Node alone has: the very same verdict, to the last word.
      expect(shown, about).toEqual(plain(await verifyBytes(bytes, trust, NOW)));
      const { verdict, checks } = shown as Verdict;
      const command = await verifyBytes(bytes, trust, NOW, means);
      expect(comparable(checks, checks), about).toEqual(comparable(command.checks, checks));
      if (command.verdict !== 'pass' || checks.some(isUnchecked)) expect(verdict, about).not.toBe('pass');
      verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    }
    console.log(`${mutants.length} mutants: ${JSON.stringify(verdicts)}`);
    expect(mutants.length).toBeGreaterThanOrEqual(500);
    expect(Object.keys(verdicts).sort()).toEqual(['fail', 'inconclusive', 'pass']);
  });

  it('a bundle with a part that the page can’t check is at best inconclusive where that part is required', async () => {
    const { bundle } = laboratory;
    const { policy, path } = bundle.strict as Extract<Trust, { kind: 'policy' }>;
    const dated = { ...policy, require: { bundle: { existed_by: NOW + 365 * 86_400_000 } }, log: [] };
    const [mutant] = [{ kind: 'changed', about: 'nothing', bytes: bundle.bytes } as Mutant];
    const [answer] = await verifyAll([mutant], {
      kind: 'policy',
      name: path,
      toml: tomlOf({ ...dated, chain: [] }),
    });
    const { verdict } = (answer as Extract<Answer, { kind: 'verified' }>).verified;
    expect([verdict.verdict, verdict.headline]).toEqual([
      'inconclusive',
      'INCOMPLETE: time.stamp, time.existed_by',
    ]);
  });

  const verdictsOf = async (zips: readonly Uint8Array[], trust: ChosenTrust): Promise<unknown[]> => {
    const mutants = zips.map((bytes) => ({ bytes }) as Mutant);
    return (await verifyAll(mutants, trust)).map((answer) =>
      answer.kind === 'verified' ? answer.verified.verdict : answer,
    );
  };

  it('agree check for check on an archive, its bundles and mutants of it', async () => {
    const { place, files, trusts } = publishedArchive();
    const mutants = [...zipMutants(files), ...fileMutants(files), ...contentMutants(files)];
    const verdicts: Record<string, number> = {};
    for (const [{ chosen, trust }, some] of [
      [trusts[0]!, mutants],
      [trusts[1]!, [...everyNth(mutants, 5)]],
      [trusts[2]!, [...everyNth(mutants, 5)]],
    ] as const) {
      const onPage = await verdictsOf(
        some.map(([, bytes]) => bytes),
        chosen,
      );
      for (const [at, [about, bytes]] of some.entries()) {
        const path = place.path('mutant.zip');
        writeFileSync(path, bytes);
        const { verdict } = await verifyFile(
          { path, named: true },
          trust,
          NOW,
          await archiveMeans(path, trust),
        );
        // A fault is told with the path of the archive that it is in.
        expect(onPage[at], about).toEqual(JSON.parse(JSON.stringify(verdict).replaceAll(`${path}/`, '')));
        verdicts[verdict!.verdict] = (verdicts[verdict!.verdict] ?? 0) + 1;
      }
    }
    console.log(`${mutants.length} archives: ${JSON.stringify(verdicts)}`);
    expect(Object.keys(verdicts).sort()).toEqual(['fail', 'inconclusive', 'pass']);
  });

  it('agree with the command itself on hostile zips, and on each bundle of a good one', async () => {
    const { place, files, trusts } = publishedArchive();
    const good: ArchiveMutant = ['nothing', readFileSync(place.path('paper.zip'))];
    const all = [good, ...zipMutants(files)];
    for (const { chosen, flags } of trusts) {
      const onPage = await verdictsOf(
        all.map(([, bytes]) => bytes),
        chosen,
      );
      for (const [at, [about, bytes]] of all.entries()) {
        writeFileSync(place.path('mutant.zip'), bytes);
        const { stdout, code } = place.qpoe('verify', 'mutant.zip', ...flags, '--json');
        const [{ verdict }] = JSON.parse(stdout).files;
        expect(onPage[at], about).toEqual(verdict);
        expect(code, about).toBe(about === 'nothing' ? 0 : 1);
      }
      const { files: judged } = JSON.parse(place.qpoe('verify', 'paper.zip', ...flags, '--json').stdout);
      const bundles = (judged as { path: string; verdict: unknown }[]).slice(1);
      expect(bundles.length).toBe(4);
      const bytes = Buffer.from(good[1]).toString('base64') as never;
      const opened = await askAll(
        page,
        bundles.map(({ path }) => ({
          kind: 'verify' as const,
          bytes,
          trust: chosen,
          member: path.slice('paper.zip/'.length),
        })),
      );
      for (const [at, answer] of opened.entries())
        expect((answer as Extract<Answer, { kind: 'verified' }>).verified.verdict).toEqual(
          bundles[at]!.verdict,
        );
    }
  });

  it('agree on circuit digests and seeded counts', async () => {
    const circuits: Circuit[] = [
      ...[1, 2, 3, 5, 8].map((n_qubits) =>
        buildWorkload(findWorkload('clifford_t_sampling')!, { n_qubits, depth: 6, seed: n_qubits }),
      ),
      ...[0.1, 1.234, 3.1].map((theta) =>
        buildWorkload(findWorkload('toy-param-circuit')!, { n_qubits: 3, depth: 2, theta }),
      ),
      {
        version: 1,
        qubits: 2,
        bits: 2,
        operations: [
          { op: 'u3', qubits: [0], angles: [0.3, 1e-7, -2.5] },
          { op: 'measure', qubits: [0], bits: [0] },
          {
            op: 'if',
            bits: [0],
            equals: '1',
            // biome-ignore lint/suspicious/noThenProperty: what the gate list calls it
            then: [{ op: 'crx', qubits: [0, 1], angles: [Math.PI / 3] }],
            else: [{ op: 'h', qubits: [1] }],
          },
          { op: 'reset', qubits: [0] },
          { op: 'measure', qubits: [1], bits: [1] },
        ],
      },
    ];
    const requests = circuits.flatMap((circuit) =>
      [0, 1].map((program) => ({
        kind: 'sample-counts' as const,
        circuit: canonicalText(circuit as unknown as JsonObject),
        shots: 2000,
        seed: 1234,
        program,
      })),
    );
    const answers = await askAll(page, requests);
    for (const [at, { program }] of requests.entries()) {
      const circuit = circuits[Math.floor(at / 2)]!;
      const counts = Object.fromEntries(sampleCounts(circuit, 2000, 1234, program));
      expect(answers[at]).toEqual({ kind: 'sampled', sampled: { digest: circuitDigest(circuit), counts } });
    }
  });
});

interface Asked {
  readonly chosen: ChosenTrust;
  readonly trust: Trust;
  readonly flags: readonly string[];
}

interface Published {
  readonly place: Place;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** By policy, by the fingerprint that a paper prints, and by nobody. */
  readonly trusts: readonly Asked[];
}

let published: Published | undefined;

function publishedArchive(): Published {
  published ??= publishIn(placeIn(root));
  return published;
}

function publishIn(place: Place): Published {
  fillStore(place);
  const { stdout } = place.qpoe('publish', 'fig2=label:sweep', 'fig3=last', ...CITED, '--out', 'paper.zip');
  const fingerprint = /Signer: (sha256:[0-9a-f]{64})/.exec(stdout)![1]!;
  const path = join(place.home, 'trust.toml');
  const toml = readFileSync(path, 'utf8');
  return {
    place,
    files: filesOf(place.path('paper.zip')),
    trusts: [
      {
        chosen: { kind: 'policy', name: path, toml },
        trust: { kind: 'policy', policy: parsePolicy(toml, path), path },
        flags: ['--policy', path],
      },
      {
        chosen: { kind: 'fingerprint', fingerprint },
        trust: { kind: 'fingerprint', fingerprint },
        flags: ['--signer', fingerprint],
      },
      { chosen: { kind: 'unasked' }, trust: { kind: 'unasked' }, flags: ['--integrity-only'] },
    ],
  };
}

/** As the command has them. */
async function archiveMeans(path: string, trust: Trust): Promise<FileMeans> {
  const means: FileMeans = await evidenceMeans(trust);
  const nothing = (): void => undefined;
  return {
    ...means,
    judgeMembers: (archive, paths) =>
      judgeMembers(archive, paths, {
        path,
        trust,
        means,
        asksPlausibility: { plausibility: false, storePath: '' },
        keep: 0,
        detail: true,
        progress: nothing,
        stop: new AbortController().signal,
        take: nothing,
      }),
  };
}
