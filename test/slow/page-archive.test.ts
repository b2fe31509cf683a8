/** A paper's archive in the verifier page: judged whole, its figures and bundles shown, stopped when asked to, and never at the page's cost. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeZip } from '../../src/publish/write-zip.ts';
import { CITED, filesOf, fillMany, fillStore } from '../archives.ts';
import { type Place, placeIn } from '../cli.ts';
import { describePage, findings, launch, openPage, overflow, settled, type Watched } from './page-browser.ts';

/** Published as its authors do, with a DOI; and where their policy is. */
interface Paper {
  readonly path: string;
  readonly policy: string;
  readonly signer: string;
}

function publish(place: Place, ...figures: readonly string[]): Paper {
  const rich = ['--title', 'A sweep', '--doi', '10.5281/zenodo.123'];
  const { stdout, stderr, code } = place.qpoe('publish', ...figures, ...CITED, ...rich, '--out', 'paper.zip');
  expect(code, stderr).toBe(0);
  const [, signer] = /Signer: (sha256:[0-9a-f]{64})/.exec(stdout)!;
  return { path: place.path('paper.zip'), policy: join(place.home, 'trust.toml'), signer: signer! };
}

/** The archive with some of its files changed. */
function edited({ path }: Paper, edit: (files: Map<string, Uint8Array>) => void): string {
  const files = filesOf(path);
  edit(files);
  const changed = path.replace(/\.zip$/, `-${edits++}.zip`);
  writeFileSync(changed, writeZip(files));
  return changed;
}
let edits = 0;

const bundlesOf = (files: ReadonlyMap<string, unknown>): string[] =>
  [...files.keys()].filter((name) => name.startsWith('bundles/'));

const root = mkdtempSync(join(tmpdir(), 'qpoe-page-archive-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describePage('an archive on the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  const clean = async ({ page, requests, faults }: Watched): Promise<void> => {
    expect(await findings(page)).toEqual([]);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect([requests, faults]).toEqual([[], []]);
    await page.context().close();
  };
  const trust = async (page: Page, policy: string): Promise<void> => {
    await page.setInputFiles('#policy', policy);
    await page.waitForSelector('.trusted .signer');
  };

  describe('of two figures', () => {
    let paper: Paper;
    beforeAll(() => {
      const place = placeIn(mkdtempSync(join(root, 'place-')));
      fillStore(place);
      paper = publish(place, 'fig2=label:sweep', 'fig3=last');
    });

    it('says what it claims, figure by figure, and opens one bundle whole', async () => {
      const watched = await openPage(browser);
      const { page } = watched;
      await page.setInputFiles('#files', paper.path);
      expect(await settled(page)).toBe('Inconclusive: INTACT, SIGNER UNKNOWN TO YOU');
      await page.fill('#fingerprint', paper.signer);
      await page.click('text=Trust this fingerprint');
      await page.waitForSelector('article .word.pass');
      expect(await settled(page)).toMatch(/^PASS: signed by/);
      const claims = (await page.textContent('.archive dl'))!;
      for (const claim of [
        'A sweep',
        'Lovelace, Ada',
        'CC-BY-4.0',
        '10.5281/zenodo.123',
        '4 records, fig2, fig3',
      ])
        expect(claims).toContain(claim);
      expect(await page.locator('.lacks').count()).toBe(0);
      expect(await page.locator('.archive details.figure > summary').allTextContents()).toEqual([
        '✓ pass fig2 · 3 records',
        '✓ pass fig3 · 1 record',
      ]);
      await page.click('text=fig2 · 3 records');
      expect(await page.locator('.archive .files li .word.pass').count()).toBe(3);
      await page.locator('.archive button', { hasText: 'Show this bundle' }).first().click();
      await page.waitForSelector('.archive .member .headline');
      const member = page.locator('.archive .member').first();
      expect(await member.locator('.headline').textContent()).toMatch(/^PASS: signed by/);
      expect(await member.locator('svg.histogram').count()).toBe(1);
      expect(await member.locator('svg.circuit').count()).toBe(1);
      expect(await member.locator('.chain .link').count()).toBeGreaterThan(3);
      expect(await page.evaluate(() => document.activeElement?.className)).toBe('member');
      expect(await page.textContent('article')).toContain(`qpoe verify --signer ${paper.signer} paper.zip`);
      await clean(watched);
    });

    it('shows what fails first, and names what is missing', async () => {
      const [removed, damaged] = bundlesOf(filesOf(paper.path)) as [string, string];
      const bad = edited(paper, (files) => {
        files.delete(removed);
        const text = Buffer.from(files.get(damaged)!).toString();
        files.set(
          damaged,
          Buffer.from(text.replace(/("result_summary":.*?"counts":\{"\d+":)(\d+)/s, '$19$2')),
        );
      });
      const watched = await openPage(browser, undefined, { viewport: { width: 320, height: 900 } });
      const { page } = watched;
      await trust(page, paper.policy);
      await page.setInputFiles('#files', bad);
      expect(await settled(page)).toBe('FAIL: archive.files, archive.figure');
      expect(await page.textContent('.lacks')).toContain(`${removed}: named, and not here`);
      const words = await page.locator('.archive details[open] .files li .word').allTextContents();
      expect(words.slice(0, 2)).toEqual(['✗ Fail', '✗ Fail']);
      expect(words.slice(2).every((word) => word === '✓ Pass')).toBe(true);
      const failing = page.locator('.archive li', { hasText: 'FAIL: record.hash' });
      await failing.locator('button').click();
      await failing.locator('.member .headline').waitFor();
      expect(await failing.locator('.member').textContent()).toContain('What still holds');
      // What is not here can't be opened.
      expect(
        await page
          .locator('.archive li', { hasText: `${removed} is not here` })
          .locator('button')
          .count(),
      ).toBe(0);
      await clean(watched);
    });

    it('says that a bundle in the place of another is not the one that was named', async () => {
      const [first, second] = bundlesOf(filesOf(paper.path)) as [string, string];
      const swapped = edited(paper, (files) => files.set(first, files.get(second)!));
      const watched = await openPage(browser);
      const { page } = watched;
      await trust(page, paper.policy);
      await page.setInputFiles('#files', swapped);
      expect(await settled(page)).toBe('FAIL: archive.files, archive.figure');
      expect(
        await page.locator('.archive li', { hasText: 'holds another record' }).locator('.word').textContent(),
      ).toBe('✗ Fail');
      await clean(watched);
    });

    it('verifies without a worker too', async () => {
      const watched = await openPage(browser, undefined, { script: 'delete globalThis.Worker;' });
      await trust(watched.page, paper.policy);
      await watched.page.setInputFiles('#files', paper.path);
      expect(await settled(watched.page)).toMatch(/^PASS: signed by/);
      await clean(watched);
    });
  });

  describe('of 1,000 bundles', () => {
    let paper: Paper;
    beforeAll(async () => {
      const place = placeIn(mkdtempSync(join(root, 'place-')));
      await fillMany(place, 1000);
      paper = publish(place, 'fig1=all');
    });

    interface Noted {
      /** What it has shown of its progress, in order. */
      readonly steps: number[];
      /** Drawn while it was busy. */
      frames: number;
      readonly typed: string[];
    }

    const watch = (page: Page): Promise<void> =>
      page.evaluate(() => {
        const noted: Noted = { steps: [], frames: 0, typed: [] };
        Object.assign(globalThis, { noted });
        const isBusy = (): boolean => document.querySelector('article[aria-busy=true]') !== null;
        new MutationObserver(() => {
          const value = document.querySelector('progress')?.value;
          if (value !== undefined && value !== noted.steps.at(-1)) noted.steps.push(value);
        }).observe(document.body, { subtree: true, childList: true, attributes: true });
        const draw = (): void => {
          noted.frames += Number(isBusy());
          requestAnimationFrame(draw);
        };
        requestAnimationFrame(draw);
        document.addEventListener('input', ({ target }) => {
          if ((target as HTMLElement).id === 'paste')
            noted.typed.push(isBusy() ? 'while it was busy' : 'when all was over');
        });
      });
    const noted = (page: Page): Promise<Noted> =>
      page.evaluate(() => (globalThis as unknown as { noted: Noted }).noted);

    it('the page answers while they are judged, and says how far it is', async () => {
      const watched = await openPage(browser);
      const { page } = watched;
      await trust(page, paper.policy);
      await watch(page);
      await page.setInputFiles('#files', paper.path);
      await page.waitForSelector('progress');
      await page.click('text=Paste text instead');
      await page.fill('#paste', 'typed meanwhile');
      expect(await page.inputValue('#paste')).toBe('typed meanwhile');
      expect(await settled(page)).toMatch(/^PASS: signed by/);
      const { steps, frames, typed } = await noted(page);
      // A page that is frozen takes what was typed when all is over, and draws nothing until then.
      expect(typed).toEqual(['while it was busy']);
      expect(frames).toBeGreaterThan(10);
      expect(steps.length).toBeGreaterThan(3);
      expect(steps).toEqual([...steps].sort((a, b) => a - b));
      expect(await page.locator('.archive details.figure > summary').textContent()).toBe(
        '✓ pass fig1 · 1000 records',
      );
      await page.click('text=fig1 · 1000 records');
      await page.locator('.archive .files li').nth(199).waitFor();
      expect(await page.locator('.archive .files li').count()).toBe(200);
      expect(await page.textContent('.archive')).toContain('800 more, of which none is worse.');
      await clean(watched);
    });

    it('stops when it is told to, and verifies what comes next', async () => {
      const watched = await openPage(browser);
      const { page } = watched;
      await trust(page, paper.policy);
      await watch(page);
      await page.setInputFiles('#files', paper.path);
      await page.click('.progress >> text=Stop');
      expect(await settled(page)).toBe('Not verified');
      expect(await page.textContent('article')).toContain('stopped before all of it was verified');
      expect(await page.locator('article .word.pass, article .word.fail').count()).toBe(0);
      expect(await page.evaluate(() => document.activeElement?.className)).toBe('say');
      // The worker does not go on behind it: two ways to a short answer, which come in order.
      await page.setInputFiles('#files', paper.policy);
      expect(await settled(page)).toBe('FAIL: nothing that qpoe can verify');
      expect(Math.max(...(await noted(page)).steps)).toBeLessThan(1000);
      await clean(watched);
    });

    it('another trust meanwhile is another verdict, and nothing of the one before', async () => {
      const watched = await openPage(browser);
      const { page } = watched;
      await page.setInputFiles('#files', paper.path);
      await page.waitForSelector('progress');
      await trust(page, paper.policy);
      expect(await settled(page)).toMatch(/^PASS: signed by/);
      await clean(watched);
    });

    it('failing ones come first, wherever they stand', async () => {
      const names = bundlesOf(filesOf(paper.path)).sort();
      const bad = edited(paper, (files) => files.set(names.at(-1)!, readFileSync(paper.policy)));
      const watched = await openPage(browser);
      const { page } = watched;
      await page.setInputFiles('#files', bad);
      expect(await settled(page)).toBe('FAIL: archive.files, archive.figure');
      const first = page.locator('.archive .files li').first();
      expect(await first.textContent()).toContain('nothing that qpoe can verify');
      await clean(watched);
    });
  });
});
