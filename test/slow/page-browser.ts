/** The verifier page in a real Chromium, Debian's or whichever is on the path; watched for requests and for breaches of its security policy. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { stringify, TomlDate } from 'smol-toml';
import { describe } from 'vitest';

export const PAGE_FILE = join(import.meta.dirname, '../../dist/verifier.html');
export const PAGE_URL = pathToFileURL(PAGE_FILE).href;

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

function findChromium(): string | undefined {
  if (process.env.QPOE_TEST_CHROMIUM) return process.env.QPOE_TEST_CHROMIUM;
  for (const name of NAMES) {
    const { stdout, status } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
    if (status === 0) return stdout.trim();
  }
  return undefined;
}

const CHROMIUM = findChromium();

/** Skipped by name where there is none. */
export function describePage(name: string, tests: () => void): void {
  const reason = 'no Chromium: install Debian’s chromium, or name one by QPOE_TEST_CHROMIUM';
  if (CHROMIUM === undefined) describe.skip(`${name} (${reason})`, tests);
  else describe(name, tests);
}

export function launch(): Promise<Browser> {
  // Root has no sandbox of Chromium's; what is opened here is our own.
  return chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox'] });
}

export interface Watched {
  readonly page: Page;
  /** Beside the document itself, and the worker that it makes of itself. */
  readonly requests: readonly string[];
  readonly faults: readonly string[];
}

/** @param script what happens in the page before its own script */
export async function openPage(
  browser: Browser,
  url = PAGE_URL,
  { script, ...options }: BrowserContextOptions & { readonly script?: string } = {},
): Promise<Watched> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const requests: string[] = [];
  const faults: string[] = [];
  page.on('request', (request) => {
    if (request.url() !== url && !request.url().startsWith('blob:')) requests.push(request.url());
  });
  // A breach of the policy is an error in the console, also in the worker.
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  if (script !== undefined) await page.addInitScript(script);
  await page.goto(url);
  return { page, requests, faults };
}

/** The page over http, where scripts and workers have an origin. */
export async function servePage(): Promise<{ readonly url: string; close(): void }> {
  const html = readFileSync(PAGE_FILE);
  const server = createServer((request, response) => {
    const found = request.url === '/';
    response
      .writeHead(found ? 200 : 404, { 'content-type': 'text/html; charset=utf-8' })
      .end(found ? html : '');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

/** A file as a person chooses it. */
export const fileOf = (name: string, content: string | Uint8Array) => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(content as string),
});

/** What the page says once it has verified everything. */
export async function settled(page: Page): Promise<string> {
  await page.waitForFunction(
    () =>
      document.querySelectorAll('article').length > 0 &&
      document.querySelector('article[aria-busy=true]') === null &&
      !/^(Checking|Nothing)|files verified$/.test(document.querySelector('.say')!.textContent!),
    undefined,
    { timeout: 60_000 },
  );
  return (await page.textContent('.say'))!;
}

/** The bundle without what no browser can check. */
export function withoutStamps(text: string): string {
  const bundle = JSON.parse(text);
  for (const { verificationMaterial } of bundle.statements)
    delete verificationMaterial.timestampVerificationData;
  return JSON.stringify({ ...bundle, timestamps: [] });
}

/** What axe finds. */
export async function findings(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }>;
      };
    };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 150)} ${failureSummary}`),
    );
  });
}

/** Nothing but what scrolls by itself is wider than the window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

const TIMES = ['not_before', 'not_after', 'revoked_at', 'existed_by'];

/** A policy as its file would be: times are milliseconds once they are read. */
export function tomlOf(policy: object): string {
  const written = (value: unknown, name = ''): unknown => {
    if (typeof value === 'number' && TIMES.includes(name)) return new TomlDate(new Date(value).toISOString());
    if (Array.isArray(value)) return value.map((item) => written(item));
    if (typeof value !== 'object' || value === null) return value;
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return Object.fromEntries(members.map(([key, member]) => [key, written(member, key)]));
  };
  return stringify(written(policy));
}
