/** Every edit of a bundle's anchors, made on a real chain: with the anchor required, none passes. */

import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parsePolicy } from '../src/verify/policy.ts';
import type { Trust } from '../src/verify/trust.ts';
import { verifyBytes } from '../src/verify/verify.ts';
import { placeIn } from './cli.ts';
import { NO_ANVIL } from './lying-node.ts';
import { edit, get, type Json, type Path, paths, SUBSTITUTES, variants } from './mutations.ts';

type Bundle = { anchors: Json[] } & { [name: string]: Json };

/** Bundles of one store: after two entries anchored as one tree, and of the record whose hash alone is anchored. */
interface Lab {
  readonly trust: Trust;
  /** Anchored in a tree that grew since its own proof. */
  readonly grown: Bundle;
  readonly submitted: Bundle;
}

function makeLab(root: string): Lab {
  const place = placeIn(root);
  const make = (name: string, id = 'last'): Bundle => {
    expect(place.qpoe('bundle', id, '--out', name).code).toBe(0);
    return JSON.parse(readFileSync(place.path(name), 'utf8'));
  };
  place.qpoe('run', '--seed', '1', '--n-qubits', '2', '--depth', '1');
  place.qpoe('run', '--seed', '2', '--n-qubits', '2', '--depth', '1');
  place.qpoe('run', '--seed', '3', '--n-qubits', '2', '--depth', '1');
  const records = JSON.parse(place.qpoe('list', '--json').stdout).records as { record_id: string }[];
  place.qpoe('anchor', 'submit');
  const grown = make('grown.json', records[1]!.record_id);
  place.qpoe('run', '--seed', '4', '--n-qubits', '2', '--depth', '1');
  place.qpoe('anchor', 'submit', '--record', 'last');
  const submitted = make('submitted.json');
  const path = join(place.home, 'trust.toml');
  appendFileSync(path, '\n[require.bundle]\nanchor = true\n');
  const trust: Trust = { kind: 'policy', policy: parsePolicy(readFileSync(path, 'utf8'), path), path };
  return { trust, grown, submitted };
}

describe.skipIf(NO_ANVIL)('an anchor', () => {
  let lab: Lab;
  beforeAll(() => {
    const root = mkdtempSync(join(tmpdir(), 'qpoe-test-'));
    lab = makeLab(root);
    return () => rmSync(root, { recursive: true });
  });

  const judge = async (bundle: Json, trust = lab.trust) =>
    verifyBytes(new TextEncoder().encode(JSON.stringify(bundle)), trust, Date.now());
  const outcome = async (bundle: Json, trust = lab.trust) => (await judge(bundle, trust)).verdict;

  it('unedited passes, and its tree is proven to grow from the statement’s', async () => {
    for (const bundle of [lab.grown, lab.submitted]) expect(await outcome(bundle)).toBe('pass');
    expect(lab.grown.anchors).toMatchObject([{ event: 'checkpoint', size: 3, consistency: [{ size: 2 }] }]);
    expect(lab.submitted.anchors).toMatchObject([{ event: 'record' }]);
  });

  /** Order counts for nothing in the list itself. */
  const below = (bundle: Bundle): Path[] => [...paths(bundle.anchors)].map((path) => ['anchors', ...path]);

  it.each(['grown', 'submitted'] as const)(
    '%s: no member may be another',
    { timeout: 240_000 },
    async (name) => {
      const bundle = lab[name];
      let mutants = 0;
      for (const path of below(bundle)) {
        const value = get(bundle, path);
        const others = [...variants(value), ...SUBSTITUTES].filter(
          (other) => JSON.stringify(other) !== JSON.stringify(value),
        );
        for (const other of others) {
          const edited = edit(bundle, path, (parent, key) => {
            parent[key] = other;
          });
          mutants++;
          expect(await outcome(edited), `${path.join('.')} = ${JSON.stringify(other).slice(0, 80)}`).not.toBe(
            'pass',
          );
        }
        const removed = edit(bundle, path, (parent, key) => {
          if (Array.isArray(parent)) parent.splice(Number(key), 1);
          else delete parent[key];
        });
        mutants++;
        expect(await outcome(removed), `without ${path.join('.')}`).not.toBe('pass');
      }
      expect(mutants).toBeGreaterThan(150);
    },
  );

  it('holds no byte of header or proof that could be another', { timeout: 240_000 }, async () => {
    const { header, receipt } = lab.grown.anchors[0] as unknown as {
      header: string;
      receipt: { proof: string[] };
    };
    const texts: [Path, string][] = [
      [['anchors', '0', 'header'], header],
      ...receipt.proof.map((node, i): [Path, string] => [
        ['anchors', '0', 'receipt', 'proof', String(i)],
        node,
      ]),
    ];
    for (const [path, text] of texts)
      for (let at = 2; at < text.length; at++) {
        const digit = (Number.parseInt(text[at]!, 16) ^ (1 << (at % 4))).toString(16);
        const edited = edit(lab.grown, path, (parent, key) => {
          parent[key] = text.slice(0, at) + digit + text.slice(at + 1);
        });
        // Another header is another block's, which no one pinned; no other proof leads to what this one says.
        const allowed = path.includes('header') ? ['fail', 'inconclusive'] : ['fail'];
        expect(allowed, `${path.join('.')} at ${at}`).toContain(await outcome(edited));
      }
  });

  it('of another record, or of another bundle, fails', async () => {
    const swapped = await judge({ ...lab.grown, anchors: lab.submitted.anchors });
    expect(swapped.checks).toContainEqual(
      expect.objectContaining({ code: 'anchor.other-record', status: 'fail' }),
    );
    const alien = await judge({ ...lab.submitted, anchors: lab.grown.anchors });
    expect(alien.checks).toContainEqual(expect.objectContaining({ code: 'anchor.stray', status: 'fail' }));
  });

  it('counts once, however often it stands there', async () => {
    const [anchor] = lab.grown.anchors;
    const twice = await judge({ ...lab.grown, anchors: [anchor!, anchor!] });
    expect(twice.verdict).toBe('pass');
    expect(twice.checks).toHaveLength((await judge(lab.grown)).checks.length);
  });

  const withChain = (change: object): Trust => {
    const trust = lab.trust as Extract<Trust, { kind: 'policy' }>;
    const chain = trust.policy.chain!.map((one) => ({ ...one, ...change }));
    return { ...trust, policy: { ...trust.policy, chain } };
  };

  it('in a block, of a contract or of a log that the policy does not name is unknown, never a failure', async () => {
    for (const [change, code] of [
      [{ blocks: [] }, 'anchor.unpinned'],
      [{ blocks: [{ number: 4, hash: `0x${'00'.repeat(32)}` }] }, 'anchor.unpinned'],
      [{ contract: `0x${'00'.repeat(20)}` }, 'anchor.contract'],
      [{ log_id: `0x${'00'.repeat(32)}` }, 'anchor.log-id'],
    ] as const) {
      const { verdict, headline, checks } = await judge(lab.grown, withChain(change));
      expect(headline).toBe('INCOMPLETE: anchor.block');
      expect(verdict).toBe('inconclusive');
      expect(checks).toContainEqual(expect.objectContaining({ status: 'unknown', code }));
    }
  });

  it('without a log in the policy shows existence only', async () => {
    const trust = lab.trust as Extract<Trust, { kind: 'policy' }>;
    const { log_id: _, ...chain } = trust.policy.chain![0]!;
    const { verdict, checks } = await judge(lab.grown, {
      ...trust,
      policy: { ...trust.policy, chain: [chain] },
    });
    expect(verdict).toBe('pass');
    expect(checks).toContainEqual(
      expect.objectContaining({ id: 'anchor.receipt', evidence: expect.stringContaining('existence only') }),
    );
  });

  it('dates what it holds, on a chain with a clock of its own', async () => {
    const { checks } = await judge(lab.grown, withChain({ name: 'base', chain_id: 8453 }));
    expect(checks).toContainEqual(
      expect.objectContaining({
        id: 'time.existed_by',
        status: 'pass',
        evidence: expect.stringMatching(/^existed by .*Z, on the word of block \d+ of base$/),
      }),
    );
    for (const change of [
      { chain_id: 31_337, name: 'mine' },
      { name: 'local', chain_id: 8453 },
    ])
      expect((await judge(lab.grown, withChain(change))).checks.map(({ id }) => id)).not.toContain(
        'time.existed_by',
      );
  });
});
