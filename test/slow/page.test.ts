/** The verifier page as a person meets it: every state, from disk and served, with nothing sent and nothing breached. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalText } from '../../src/core/jcs.ts';
import { bindingOf } from '../../src/verify/binding-checks.ts';
import { readEvidence } from '../../src/verify/evidence-content.ts';
import { parsePolicy } from '../../src/verify/policy.ts';
import { signerPrints } from '../../src/verify/signer-prints.ts';
import { verifyBytes } from '../../src/verify/verify.ts';
import { fullBundle } from '../bundles.ts';
import { newPlace } from '../cli.ts';
import {
  describePage,
  fileOf,
  findings,
  launch,
  openPage,
  PAGE_URL,
  servePage,
  settled,
  tomlOf,
  type Watched,
  withoutStamps,
} from './page-browser.ts';

const demo = join(import.meta.dirname, '../../demo');
const BUNDLE = join(demo, 'demo.qpoe.json');
const POLICY = join(demo, 'trust.toml');
const bundleText = withoutStamps(readFileSync(BUNDLE, 'utf8'));
const bundleFile = fileOf('demo.qpoe.json', bundleText);
const policyText = readFileSync(POLICY, 'utf8');
const policy = parsePolicy(policyText, 'trust.toml');

/** As far as it is edited here. */
interface Sampled {
  readonly execution: { readonly result_summary: readonly [{ readonly counts: Record<string, number> }] };
  readonly record: { signature: string };
}

const verdictOf = (page: Page): Promise<string | null> => page.textContent('article .card .headline');
const edited = (edit: (bundle: { readonly record: Sampled }) => void): string => {
  const bundle = JSON.parse(bundleText);
  edit(bundle);
  return canonicalText(bundle);
};

describePage('the verifier page', () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof servePage>>;
  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), servePage()]);
  });
  afterAll(async () => {
    await browser.close();
    server.close();
  });

  const open = (script?: string, url = PAGE_URL): Promise<Watched> =>
    openPage(browser, url, script === undefined ? {} : { script });
  const clean = async ({ page, requests, faults }: Watched): Promise<void> => {
    expect([requests, faults]).toEqual([[], []]);
    await page.context().close();
  };

  describe.each([
    ['from disk', () => PAGE_URL],
    ['served over http', () => server.url],
  ])('%s', (_, url) => {
    it('begins empty, verifies what is chosen, and trusts only by an act of its own', async () => {
      const watched = await open(undefined, url());
      const { page } = watched;
      expect(await page.textContent('.say')).toBe('Nothing has been verified yet.');
      expect(await page.locator('article').count()).toBe(0);
      await page.setInputFiles('#files', bundleFile);
      expect(await settled(page)).toBe('Inconclusive: INTACT, SIGNER UNKNOWN TO YOU');
      await page.setInputFiles('#policy', POLICY);
      await page.waitForSelector('.trusted .signer');
      await page.waitForSelector('article .word.pass');
      expect(await settled(page)).toBe('PASS: signed by "DEMO" in trust.toml');
      const { identity, p256 } = signerPrints(policy.signer![0]!);
      expect(await page.textContent('.trusted')).toContain(identity!);
      expect(await page.textContent('.trusted')).toContain(p256!);
      expect(await page.evaluate(() => document.activeElement?.className)).toBe('say');
      expect(await page.locator('article .card.is-open li').count()).toBeGreaterThanOrEqual(4);
      await clean(watched);
    });

    it('verifies what is pasted', async () => {
      const watched = await open(undefined, url());
      await watched.page.click('text=Paste text instead');
      await watched.page.fill('#paste', bundleText);
      await watched.page.click('text=Verify this text');
      expect(await settled(watched.page)).toContain('INTACT');
      await clean(watched);
    });

    it('can send nothing, and run nothing but itself', async () => {
      const { page } = await open(undefined, url());
      const attempts = await page.evaluate(async (target) => {
        const tried = async (what: () => unknown): Promise<string> => {
          try {
            await what();
            return 'done';
          } catch (error) {
            return (error as Error).name;
          }
        };
        const image = (): Promise<unknown> =>
          new Promise((resolve, reject) => {
            const made = new Image();
            made.onload = resolve;
            made.onerror = () => reject(new TypeError('blocked'));
            made.src = `${target}image.png`;
          });
        return Promise.all([
          tried(() => fetch(target)),
          tried(image),
          tried(() => {
            document.body.innerHTML = '<b>markup</b>';
          }),
          tried(() => new Worker('data:text/javascript,0')),
          // Later: what a debugger evaluates itself is allowed to.
          new Promise<string>((resolve) => {
            // biome-ignore lint/security/noGlobalEval: that it is refused is what is tested
            setTimeout(() => resolve(tried(() => globalThis.eval('1'))), 10);
          }),
        ]);
      }, server.url);
      expect(attempts).not.toContain('done');
      await page.context().close();
    });
  });

  const verify = async (name: string, content: string | Uint8Array, script?: string) => {
    const watched = await open(script);
    await watched.page.setInputFiles('#policy', POLICY);
    await watched.page.waitForSelector('.trusted .signer');
    await watched.page.setInputFiles('#files', fileOf(name, content));
    const said = await settled(watched.page);
    return { watched, page: watched.page, said };
  };

  it('fails with what still holds, and greys what depends on what broke', async () => {
    const text = edited(({ record }) => {
      record.execution.result_summary[0].counts['000']! -= 1;
      record.execution.result_summary[0].counts['001']! += 1;
    });
    const { watched, page, said } = await verify('bad.qpoe.json', text);
    expect(said).toBe('FAIL: record.hash');
    expect(await page.textContent('article')).toContain('What still holds');
    expect(await page.locator('.link.is-fail').count()).toBe(1);
    expect(await page.locator('.link.is-broken').count()).toBeGreaterThan(2);
    await clean(watched);
  });

  it('says of a part that no browser can check that it may fail, and doesn’t pass', async () => {
    const { watched, said } = await verify('stamped.qpoe.json', readFileSync(BUNDLE));
    expect(said).toBe('Inconclusive: INCOMPLETE: time.stamp');
    expect(await watched.page.textContent('article .card')).toContain('a part that no browser can check');
    await clean(watched);
  });

  it('passes with a part that is not judged and that nobody requires, and says so', async () => {
    const unpinned = policyText
      .replace(/^anchor = true$/m, '')
      .replace(/(?<=hash = "0x)[0-9a-f]{8}/g, '00000000');
    const watched = await open();
    await watched.page.setInputFiles('#policy', fileOf('trust.toml', unpinned));
    await watched.page.waitForSelector('.trusted .signer');
    await watched.page.setInputFiles('#files', bundleFile);
    expect(await settled(watched.page)).toBe('PASS: signed by "DEMO" in trust.toml');
    expect(await watched.page.textContent('article .card')).toContain(
      'One part of it could not be judged here',
    );
    await clean(watched);
  });

  it('takes a fingerprint typed from a paper, in whatever form, and refuses what is none', async () => {
    const { page, ...watched } = await open();
    await page.setInputFiles('#files', bundleFile);
    await settled(page);
    const { identity } = signerPrints(policy.signer![0]!);
    const trust = async (text: string): Promise<void> => {
      await page.fill('#fingerprint', text);
      await page.click('text=Trust this fingerprint');
    };
    await trust('12345');
    await page.waitForSelector('.trusted [role=alert]');
    expect(await page.textContent('.trusted')).toContain('give 64 hex digits');
    await trust(
      identity!
        .replace('sha256:', '')
        .toUpperCase()
        .replace(/(..)(?=.)/g, '$1:'),
    );
    await page.waitForSelector('article .word.pass');
    expect(await page.textContent('.trusted')).toContain(identity!);
    expect(await page.textContent('article')).toContain(`qpoe verify --signer ${identity} demo.qpoe.json`);
    await trust('ab'.repeat(32));
    await page.waitForSelector('article .word.unsure');
    expect(await verdictOf(page)).toContain('INTACT, SIGNER UNKNOWN TO YOU');
    await page.click('text=Ask for integrity only');
    await page.waitForSelector('article .word.pass');
    await page.click('text=Trust nobody');
    await page.waitForSelector('article .word.unsure');
    await clean({ page, ...watched });
  });

  it.each([
    ['not JSON', 'this is no evidence', 'FAIL: nothing that qpoe can verify'],
    ['an empty file', '', 'FAIL: nothing that qpoe can verify'],
    [
      'a bundle of a newer version',
      bundleText.replace('bundle.v1+json', 'bundle.v2+json'),
      'Inconclusive: NEWER FORMAT',
    ],
    ['a record of a newer version', '{"schema_version":"9.0"}', 'Inconclusive: NEWER FORMAT'],
    ['a bundle cut short', bundleText.slice(0, 20_000), 'FAIL: bundle.format'],
  ])('%s', async (_, content, expected) => {
    const { watched, said } = await verify('x.json', content);
    expect(said).toBe(expected);
    await clean(watched);
  });

  it('refuses 60 MB of one document, and far more unread', async () => {
    const watched = await open();
    const { page } = watched;
    // Made in the page: no pipe takes it.
    const give = (megabytes: number) =>
      page.evaluate((size) => {
        const transfer = new DataTransfer();
        transfer.items.add(
          new File([`{"schema_version":"1.0","x":"${' '.repeat(size * 1e6)}"}`], 'large.json'),
        );
        document.dispatchEvent(
          new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }),
        );
      }, megabytes);
    await give(60);
    expect(await settled(page)).toMatch(/^FAIL: record.format|^Not verified/);
    await give(80);
    await page.waitForSelector('text=over the limit of 70000000');
    await clean(watched);
  });

  it('a folder', async () => {
    const watched = await open(
      'DataTransferItem.prototype.webkitGetAsEntry = () => ({ isDirectory: true, name: "runs" });',
    );
    await watched.page.evaluate(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['{}'], 'runs'));
      document.dispatchEvent(
        new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }),
      );
    });
    expect(await settled(watched.page)).toBe('Not verified');
    expect(await watched.page.textContent('article')).toContain(
      'a folder: open it and choose the files in it',
    );
    await clean(watched);
  });

  it('ten files at once, each with its own verdict, and no policy among them', async () => {
    const watched = await open();
    const names = Array.from({ length: 8 }, (_, at) => fileOf(`run-${at}.qpoe.json`, bundleText));
    await watched.page.setInputFiles('#files', [
      ...names,
      fileOf('trust.toml', policyText),
      fileOf('notes.txt', 'hello'),
    ]);
    expect(await settled(watched.page)).toBe('8 × Inconclusive, 2 × Fail');
    expect(await watched.page.locator('.files li').count()).toBe(10);
    expect(await watched.page.textContent('#file-9')).toContain(
      'whom you trust never comes from the evidence',
    );
    expect(await watched.page.textContent('.trusted')).toContain('You trust nobody yet');
    await clean(watched);
  });

  it('script in every text field of a record is text', async () => {
    const markup = '<img src=x onerror=alert(1)><script>alert(2)</script>';
    const wounded = JSON.parse(bundleText);
    const fill = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null) return value;
      if (Array.isArray(value)) return value.map(fill);
      return Object.fromEntries(
        Object.entries(value).map(([name, one]) => [
          name,
          typeof one === 'string' ? `${markup}${one}` : fill(one),
        ]),
      );
    };
    const { labels, workload, execution, source } = wounded.record;
    labels.label = labels.note = markup;
    workload.name = workload.sdk = execution.backend = markup;
    workload.parameters = { [markup]: markup };
    execution.environment = fill(execution.environment);
    execution.job = { [markup]: markup };
    expect(source).toBeDefined();
    for (const content of [JSON.stringify(wounded), JSON.stringify(fill(wounded))]) {
      const { watched, page } = await verify(`${markup}.json`.replaceAll('/', ':'), content);
      expect(await page.locator('article img, article script').count()).toBe(0);
      expect(await page.textContent('article h3')).toContain('<img src=x onerror=alert(1)>');
      await clean(watched);
    }
  });

  it('a right-to-left override in a file name is shown, and turns nothing round', async () => {
    const { watched, page } = await verify('good\u202enosj.exe', bundleText);
    expect(await page.textContent('article h3')).toBe('good\\u{202e}nosj.exe');
    await clean(watched);
  });

  it('an exception inside the verifier is neither pass nor fail', async () => {
    const watched = await open('delete globalThis.Worker;');
    const { page } = watched;
    await page.evaluate(() => {
      TextDecoder.prototype.decode = () => {
        throw new RangeError('boom');
      };
    });
    await page.setInputFiles('#files', bundleFile);
    const said = await settled(page);
    expect(said).toBe('Internal error');
    expect(await page.locator('article .card.is-broken').count()).toBe(1);
    expect(await page.locator('article .word.pass, article .word.fail').count()).toBe(0);
    await clean(watched);
  });

  it('a worker that dies leaves no page that checks for ever', async () => {
    const opened = await open(
      'Worker.prototype.postMessage = function () { this.dispatchEvent(new ErrorEvent("error", { message: "out of memory" })); };',
    );
    await opened.page.setInputFiles('#files', bundleFile);
    expect(await settled(opened.page)).toBe('Internal error');
    await clean(opened);
  });

  const WITHOUT = `
    delete globalThis.Worker;
    const own = SubtleCrypto.prototype.importKey;
    globalThis.asked = [];
    SubtleCrypto.prototype.importKey = function (format, key, algorithm, ...rest) {
      const name = algorithm.name ?? algorithm;
      if (name !== 'Ed25519' && !name.startsWith('ML-DSA')) return own.call(this, format, key, algorithm, ...rest);
      globalThis.asked.push(name);
      return Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError'));
    };`;

  it('a browser without Ed25519 and ML-DSA gives the same checks', async () => {
    const texts = [
      bundleText,
      edited(({ record }) => {
        record.record.signature = `AAAA${record.record.signature.slice(4)}`;
      }),
      bundleText.replace(/"sig":"(....)/g, '"sig":"AAAA'),
    ];
    for (const text of texts) {
      const { watched, page } = await verify('demo.qpoe.json', text, WITHOUT);
      const asked = await page.evaluate(() => (globalThis as unknown as { asked: string[] }).asked);
      expect(new Set(asked)).toEqual(new Set(['Ed25519', 'ML-DSA-65']));
      await page.click('text=The verdict as JSON');
      const shown = JSON.parse(
        (await page.locator('article section pre').filter({ hasText: '"verdict"' }).textContent())!,
      );
      const trust = { kind: 'policy', policy, path: 'trust.toml' } as const;
      expect(shown).toEqual(
        JSON.parse(JSON.stringify(await verifyBytes(Buffer.from(text), trust, Date.now()))),
      );
      await clean(watched);
    }
  });

  it('20 MB neither freeze the page nor take long', async () => {
    const bundle = JSON.parse(bundleText);
    const watched = await open();
    await watched.page.setInputFiles('#policy', POLICY);
    await watched.page.waitForSelector('.trusted .signer');
    await watched.page.evaluate((text) => {
      const large = JSON.parse(text);
      // An artifact that the record doesn't name: all of it has to be hashed to say so.
      large.artifacts[`sha256:${'0'.repeat(64)}`] = { encoding: 'utf8', data: 'x'.repeat(20e6) };
      const transfer = new DataTransfer();
      transfer.items.add(new File([JSON.stringify(large)], 'large.qpoe.json'));
      const frames = [performance.now()];
      const tick = (): void => {
        frames.push(performance.now());
        requestAnimationFrame(tick);
      };
      requestAnimationFrame(tick);
      Object.assign(globalThis, { frames });
      document.dispatchEvent(
        new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }),
      );
    }, JSON.stringify(bundle));
    await watched.page.waitForSelector('text=Checking …');
    expect(await settled(watched.page)).toContain('FAIL: artifact.digest');
    const longest = await watched.page.evaluate(() => {
      const { frames } = globalThis as unknown as { frames: number[] };
      return Math.max(...frames.slice(1).map((at, i) => at - frames[i]!));
    });
    console.log(`20 MB: the longest time without a frame was ${longest.toFixed(0)} ms`);
    expect(longest).toBeLessThan(500);
    await clean(watched);
  });

  it('shows circuit, counts beside the ideal, times, the way to the root, and what to run', async () => {
    const { watched, page } = await verify('demo.qpoe.json', bundleText);
    expect(await page.locator('svg.circuit[role=img]').count()).toBe(1);
    expect(await page.locator('svg.histogram rect.bar').count()).toBe(8);
    expect(await page.locator('svg.histogram line.ideal').count()).toBe(8);
    await page.click('text=All 8 outcomes as a table');
    const { record } = readEvidence(Buffer.from(bundleText))!;
    const [result] = record.execution.result_summary;
    const rows = await page.locator('article tbody tr').allTextContents();
    for (const [outcome, count] of Object.entries((result as { counts: object }).counts))
      expect(rows).toContain(`${outcome}${count}128.0`);
    expect(await page.locator('article pre', { hasText: 'OPENQASM 3.0;' }).count()).toBe(1);
    const times = await page.locator('.times li strong').allTextContents();
    expect(new Set(times)).toEqual(
      new Set(['source declared', 'run', 'recorded', 'logged', 'witnessed', 'anchored']),
    );
    await page.click('text=From entry 1 up to the root over 2 entries');
    expect(await page.textContent('.path')).toContain('SHA-256(01 ‖ sibling ‖ this)');
    expect(await page.textContent('.chain')).toContain('It is the root that the checkpoint names.');
    expect(await page.textContent('article')).toContain('qpoe verify --policy trust.toml demo.qpoe.json');
    await clean(watched);
  });

  describe('what a record may be, shown as it is', () => {
    /** Recorded and bundled by the command. */
    const bundled = (circuit: string, ...options: readonly string[]): string => {
      const place = newPlace();
      writeFileSync(place.path('c.qasm'), `OPENQASM 3.0;\ninclude "stdgates.inc";\n${circuit}`);
      const { code, stderr } = place.qpoe('run', '-q', 'c.qasm', ...options);
      expect(code, stderr).toBe(0);
      expect(place.qpoe('bundle', 'last', '--out', 'b.json').code).toBe(0);
      return readFileSync(place.path('b.json'), 'utf8');
    };
    const show = async (content: string | Uint8Array) => {
      const watched = await open();
      await watched.page.setInputFiles('#files', fileOf('b.qpoe.json', content));
      expect(await settled(watched.page)).toBe('Inconclusive: INTACT, SIGNER UNKNOWN TO YOU');
      return { watched, page: watched.page };
    };
    const shown = async ({ watched, page }: Awaited<ReturnType<typeof show>>): Promise<void> => {
      expect(await findings(page)).toEqual([]);
      await clean(watched);
    };

    it('expectation values: each of its observable, with its error', async () => {
      const text = bundled(
        'qubit[2] q;\nx q[0];\nh q[1];\n',
        ...['--observable', 'IZ', '--observable', 'ZI=0.5,IZ=2', '--shots', '400', '--seed', '1'],
      );
      const { record } = readEvidence(Buffer.from(text))!;
      const [result] = record.execution.result_summary;
      const { values, std_errors: errors } = result as { values: number[]; std_errors: number[] };
      expect([values[0], errors.every((error) => error > 0)]).toEqual([-1, true]);
      const seen = await show(text);
      const { page } = seen;
      expect(await page.locator('article h5', { hasText: 'Expectation values' }).count()).toBe(1);
      expect(await page.textContent('article')).not.toContain('Counts, keyed');
      expect(await page.locator('article svg.histogram').count()).toBe(0);
      const table = page.locator('article table', { has: page.locator('.whisker') });
      expect(await table.locator('thead th').allTextContents()).toEqual([
        'observable',
        'value',
        'standard error',
      ]);
      expect(await table.locator('tbody tr').allTextContents()).toEqual([
        `IZ-1± ${errors[0]}`,
        `2 IZ + 0.5 ZI${values[1]}± ${errors[1]}`,
      ]);
      // A bar one standard error to either side of its value, on one scale from the lowest to 1.
      const low = Math.min(-1, ...values.map((value, at) => value - errors[at]!));
      const high = Math.max(1, ...values.map((value, at) => value + errors[at]!));
      const place = (value: number): string => (((value - low) / (high - low)) * 200).toFixed(2);
      const bar = table.locator('.whisker line.error').nth(1);
      expect([await bar.getAttribute('x1'), await bar.getAttribute('x2')]).toEqual([
        place(values[1]! - errors[1]!),
        place(values[1]! + errors[1]!),
      ]);
      await shown(seen);
    });

    it('a circuit with `if`: drawn behind the measurement that it waits for, and no ideal beside it', async () => {
      const seen = await show(
        bundled(
          'qubit[3] q;\nbit[3] c;\nh q[0];\nc[0] = measure q[0];\nif (c[0]) { x q[2]; }\nc[1] = measure q[1];\nc[2] = measure q[2];\n',
        ),
      );
      const { page } = seen;
      const drawn = page.locator('svg.circuit');
      const middleOf = async (text: string): Promise<number> =>
        Number(await drawn.locator('text', { hasText: text }).first().getAttribute('x'));
      expect(await drawn.locator('text', { hasText: 'c0=1' }).count()).toBe(1);
      expect(await middleOf('if')).toBeGreaterThan(await middleOf('M→c0'));
      expect(await middleOf('M→c2')).toBeGreaterThan(await middleOf('if'));
      // What waits for nothing stands where its line is free.
      expect(await middleOf('M→c1')).toBeLessThan(await middleOf('M→c0'));
      expect(await drawn.getAttribute('aria-label')).toContain('3 qubits, 5 operations');
      await page.click('text=OpenQASM, made here');
      expect(await page.locator('article pre', { hasText: /if\s*\(/ }).count()).toBeGreaterThan(0);
      expect(await page.locator('article svg.histogram').count()).toBe(1);
      await shown(seen);
    });

    it('a job at a provider, with its binding and what judges that', async () => {
      const { bytes, record, trust } = await fullBundle();
      const { policy } = trust as Extract<typeof trust, { kind: 'policy' }>;
      const { runtime, provenance } = bindingOf(record)!;
      const watched = await open();
      const { page } = watched;
      await page.setInputFiles('#policy', fileOf('trust.toml', tomlOf(policy)));
      await page.waitForSelector('.trusted .signer');
      await page.setInputFiles('#files', fileOf('b.qpoe.json', bytes));
      expect(await settled(page)).toMatch(/^PASS: signed by/);
      const facts = (await page.locator('article dl').allTextContents()).join(' ');
      expect(facts).toContain(`${runtime.provider}, job ${runtime.job_id}, session ${runtime.session_id}`);
      const { aiir_statement: statement, transparency_entry: entry } = provenance;
      expect(facts).toContain(
        `the receipt’s statement ${statement}, entry ${entry.log_index} of ${entry.log}`,
      );
      const link = page.locator('.chain .link', { hasText: 'Source and its receipt' });
      await link.locator('summary').first().click();
      expect(await link.locator('details', { hasText: 'binding.match' }).last().textContent()).toContain(
        '✓ pass',
      );
      expect(await findings(page)).toEqual([]);

      const other = await fullBundle(({ execution }) => {
        execution.job = { ...execution.job, job_id: 'another-job' };
      });
      await page.setInputFiles('#files', fileOf('b.qpoe.json', other.bytes));
      expect(await settled(page)).toBe('FAIL: binding.match');
      await clean(watched);
    });
  });
});
