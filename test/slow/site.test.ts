/** The documents as a site: it builds, nothing in it leads nowhere, and nothing is fetched from elsewhere. */

import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const place = mkdtempSync(join(tmpdir(), 'qpoe-site-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));
const site = join(place, 'docs/.vitepress/dist');
const build = () =>
  spawnSync(process.execPath, [join(root, 'node_modules/vitepress/bin/vitepress.js'), 'build', 'docs'], {
    cwd: place,
    env: { PATH: process.env.PATH, HOME: place, NO_COLOR: '1' },
    encoding: 'utf8',
  });
const pages = (): string[] => readdirSync(site).filter((name) => name.endsWith('.html'));
const page = (name: string): string => readFileSync(join(site, name), 'utf8');

beforeAll(() => {
  const isSource = (path: string): boolean => !/\.vitepress\/(?:dist|cache)$/.test(path);
  cpSync(join(root, 'docs'), join(place, 'docs'), { recursive: true, filter: isSource });
  cpSync(join(root, 'package.json'), join(place, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'));
});

describe('the site', () => {
  it('builds, a page a document', () => {
    const { status, stderr } = build();
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('dead link')]);
    const documents = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
    expect(pages()).toEqual(expect.arrayContaining(documents.map((name) => name.replace(/md$/, 'html'))));
  });

  it('every link of a page leads to a file and a heading that are there', () => {
    let links = 0;
    for (const name of pages())
      for (const [, link] of page(name).matchAll(/ (?:href|src)="(?!https?:|data:)([^"]+)"/g)) {
        const [path, anchor] = link!.split('#') as [string, string?];
        const file =
          path === ''
            ? name
            : path.startsWith('/')
              ? path.slice(1) || 'index.html'
              : join(dirname(name), path);
        expect(existsSync(join(site, file)), `${name}: ${link}`).toBe(true);
        if (anchor) expect(page(file), `${name}: ${link}`).toContain(`id="${decodeURIComponent(anchor)}"`);
        links++;
      }
    expect(links).toBeGreaterThan(1000);
  });

  it('shows no template in place of what it stands for', () => {
    for (const name of pages())
      expect(page(name).replaceAll(/<(code|pre)[ >][\s\S]*?<\/\1>/g, ''), name).not.toContain('{{');
  });

  it('fetches nothing from elsewhere, and can be searched here', () => {
    for (const name of pages())
      expect(page(name)).not.toMatch(/<(?:link|script|img|iframe)[^>]* (?:href|src)="(?:https?:)?\/\//);
    const styles = readdirSync(join(site, 'assets')).filter((name) => name.endsWith('.css'));
    for (const name of styles)
      expect(readFileSync(join(site, 'assets', name), 'utf8')).not.toMatch(
        /url\(["']?(?:https?:)?\/\/|@font-face/,
      );
    expect(readdirSync(join(site, 'assets/chunks')).join()).toContain('localSearchIndex');
  });

  it('does not build with a link that leads nowhere', () => {
    appendFileSync(join(place, 'docs/faq.md'), '\n[gone](gone.md)\n');
    const { status, stdout, stderr } = build();
    expect([status, stdout + stderr]).toEqual([
      1,
      expect.stringContaining('Found dead link ./gone in file faq.md'),
    ]);
  });
});
