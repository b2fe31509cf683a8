/** `qpoe verify --html`: one page that needs nothing else, whatever the evidence would like it to hold. */

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { countsTable } from '../src/cli/html/html-counts.ts';
import { evidence, evidenceLines } from '../src/cli/html/html-text.ts';
import { recordText } from '../src/record/record.ts';
import { recordSigner } from '../src/store/identity.ts';
import { newPlace, type Place } from './cli.ts';
import { signedRecord } from './records.ts';
import { newIdentity } from './statements.ts';

const HOSTILE =
  '</style></title><script>alert(1)</script><img src=x onerror=alert(2)>"\'&amp;\u202e\u0007\n--><!--';
const QASM =
  'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q;\nbit[2] c;\nh q[0]; // <b>&\ncx q[0], q[1];\nc = measure q;\n';

const page = (place: Place, name = 'r.html'): string => readFileSync(place.path(name), 'utf8');

/** What must hold of every page. */
function expectHarmless(html: string): void {
  const style = /<style>([\s\S]*?)<\/style>/.exec(html)![1]!;
  const hash = createHash('sha256').update(style).digest('base64');
  expect(html).toContain(
    `content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'"`,
  );
  expect(html.match(/<style/g)).toHaveLength(1);
  expect(html).not.toMatch(
    /<script|<img|<iframe|<link|<base|<form|<object|<embed|<[^>]* on[a-z]+=|<[^>]* style=|<!--/i,
  );
  const links = [...html.matchAll(/<[^>]*(?:href|src|action|url)="?([^"> ]*)/g)].map(([, target]) => target);
  expect(links.filter((target) => !target!.startsWith('#'))).toEqual([]);
  expect(html).not.toMatch(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/,
  );
  expect(tagsOf(html)).toEqual([]);
  expect(html.match(/verify the file yourself/g)!.length).toBeGreaterThanOrEqual(2);
}

/** Elements that are left open or closed without being open. */
function tagsOf(html: string): string[] {
  const faults: string[] = [];
  const open: string[] = [];
  for (const [, slash, name, rest] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)([^>]*)>/g)) {
    if (['meta', 'br'].includes(name!) || rest!.endsWith('/')) continue;
    if (slash === '') open.push(name!);
    else if (open.pop() !== name) faults.push(name!);
  }
  return [...faults, ...open];
}

describe('the page', () => {
  it('holds the verdict, what it leaves open, the file’s digest, the checks and what the file says', () => {
    const place = newPlace();
    writeFileSync(place.path('bell.qasm'), QASM);
    place.qpoe('run', 'bell.qasm', '--shots', '100');
    place.qpoe('bundle', 'last', '--out', 'job.qpoe.json');
    const { code, stdout, stderr } = place.qpoe('verify', '--html', 'r.html', 'job.qpoe.json');
    expect([code, stderr]).toEqual([0, 'report  r.html\n']);
    expect(stdout).toMatch(/^PASS/);
    const html = page(place);
    expectHarmless(html);
    const digest = createHash('sha256')
      .update(readFileSync(place.path('job.qpoe.json')))
      .digest('hex');
    const policy = createHash('sha256')
      .update(readFileSync(`${place.home}/trust.toml`))
      .digest('hex');
    for (const text of [
      '<span aria-hidden="true">✓</span> Pass</span>',
      '<h2>Verdict</h2>',
      '<h2>Not proven</h2><ul><li>that quantum hardware ran it',
      digest,
      policy,
      `${place.home}/trust.toml`,
      'by the clock of the machine that made this report',
      'qpoe 0.1.0',
      '<h4>Log</h4>',
      'record’s statement, ML-DSA-65 by',
      '<dt>a pass proves</dt>',
      'h q[0]; // &lt;b&gt;&amp;',
      '<th scope="row"><code><bdi>00</bdi></code></th>',
      'qpoe verify job.qpoe.json',
      '<dt>started</dt>',
    ])
      expect(html).toContain(text);
    expect(html.match(/<h1>/g)).toHaveLength(1);
  });

  it('of a failure says what still holds, and that the content is nobody’s word', () => {
    const place = newPlace();
    place.qpoe('run', '--out', 'q.json');
    const text = readFileSync(place.path('q.json'), 'utf8').replace(
      /"011": (\d+)/,
      (_, n) => `"011": ${Number(n) + 1}`,
    );
    writeFileSync(place.path('t.json'), text);
    expect(place.qpoe('verify', '--html', 'r.html', 't.json').code).toBe(1);
    const html = page(place);
    expectHarmless(html);
    expect(html).toContain('<span aria-hidden="true">✗</span> Fail</span>');
    expect(html).toContain('<h3>What still holds</h3>');
    expect(html).toContain('What follows is what it says, and not what anyone signed.');
    expect(html).toContain('<dt>what to do</dt><dd>Ask whoever sent it for the file again');
    expect(html).toMatch(/<details open><summary><span class="status fail">/);
  });

  it('lets no evidence be markup, style or another line', async () => {
    const place = newPlace();
    const record = await signedRecord(recordSigner(newIdentity().ed25519), (content) => {
      content.labels = { label: HOSTILE, note: HOSTILE };
      content.workload.name = HOSTILE;
      content.workload.sdk = HOSTILE;
      content.workload.parameters = { [HOSTILE]: HOSTILE };
      content.execution.backend = HOSTILE;
    });
    const name = `a<script>alert(1)<\u2028\u202e'"&.json`;
    writeFileSync(place.path(name), recordText(record));
    writeFileSync(place.path('other.json'), `{"${'<script>'.repeat(3)}":1,}`);
    place.qpoe('verify', '--html', 'r.html', name);
    expectHarmless(page(place));
    expect(page(place)).toContain('&lt;/style&gt;&lt;/title&gt;&lt;script&gt;alert(1)');
    expect(page(place)).toContain('\\u{202e}');
    expect(page(place)).toContain('qpoe verify FILE');
    place.qpoe('verify', '--html', 'all.html', '.');
    expectHarmless(page(place, 'all.html'));
    place.qpoe('verify', '--html', 'other.html', 'other.json');
    expectHarmless(page(place, 'other.html'));
  });

  it('shows no artifact that isn’t what its name says', () => {
    const place = newPlace();
    writeFileSync(place.path('bell.qasm'), QASM);
    place.qpoe('run', 'bell.qasm');
    place.qpoe('bundle', 'last', '--out', 'job.qpoe.json');
    const text = readFileSync(place.path('job.qpoe.json'), 'utf8');
    expect(text).toContain('cx q[0], q[1]');
    writeFileSync(place.path('job.qpoe.json'), text.replaceAll('cx q[0], q[1]', 'cz q[0], q[1]'));
    expect(place.qpoe('verify', '--html', 'r.html', 'job.qpoe.json').code).toBe(1);
    expect(page(place)).not.toContain('cz q[0]');
  });

  it('of many files begins with a table, and has a section for the first fifty', () => {
    const place = newPlace();
    place.qpoe('run', '--out', 'q.json');
    mkdirSync(place.path('f'));
    const text = readFileSync(place.path('q.json'), 'utf8');
    for (let at = 0; at < 70; at++)
      writeFileSync(
        place.path(`f/${String(at).padStart(2, '0')}.json`),
        at === 3 ? text.replace('1024', '1025') : text,
      );
    const { code, stdout } = place.qpoe('verify', '--html', 'r.html', 'f');
    expect(code).toBe(1);
    expect(stdout).toMatch(/\n70 files: 69 pass, 1 fail\n$/);
    const html = page(place);
    expectHarmless(html);
    expect(html).toContain('<p>69 pass, 1 fail.</p>');
    expect(html.match(/<article /g)).toHaveLength(50);
    expect(html).toContain('<a href="#file-49">');
    expect(html).not.toContain('#file-50');
    expect(html).toContain('f/69.json');
  });

  it('carries the warning about trust that lies with the evidence', () => {
    const place = newPlace();
    place.qpoe('run', '--out', 'q.json');
    writeFileSync(place.path('trust.toml'), readFileSync(`${place.home}/trust.toml`));
    place.qpoe('verify', '--html', 'r.html', '--policy', 'trust.toml', 'q.json');
    expect(page(place)).toContain(
      '<dt>warning</dt><dd><strong><bdi>the policy trust.toml lies with the evidence',
    );
  });

  it('takes the place of nothing that is verified, and is refused before the work', () => {
    const place = newPlace();
    place.qpoe('run', '--out', 'q.json');
    const before = readFileSync(place.path('q.json'));
    symlinkSync('q.json', place.path('link.html'));
    for (const target of ['q.json', './q.json', 'link.html'])
      expect(place.qpoe('verify', '--html', target, 'q.json')).toMatchObject({
        code: 2,
        stdout: '',
        stderr: `qpoe: --html ${target} is a file that is verified; name another\n`,
      });
    expect(readFileSync(place.path('q.json'))).toEqual(before);
    expect(place.qpoe('verify', '--html', 'no/where.html', 'q.json')).toMatchObject({
      code: 2,
      stderr: "qpoe: can't write no/where.html: no such folder; make no first\n",
    });
    expect(place.qpoe('verify', '--html', 'r.html', '--out', 'r.html', 'q.json')).toMatchObject({
      code: 2,
      stderr: 'qpoe: --html and --out name one file; name two\n',
    });
    expect(place.qpoe('verify', '--html', '', 'q.json').stderr).toBe(
      'qpoe: --html names no file; name one\n',
    );
    renameSync(place.path('q.json'), place.path('moved.json'));
    expect(place.qpoe('verify', '--html', 'r.html', 'q.json').code).toBe(2);
    expectHarmless(page(place));
    expect(page(place)).toContain('Unreadable');
  });
});

it('shows 64 outcomes, the most frequent first, and says how many there are', () => {
  const counts = new Map(Array.from({ length: 100 }, (_, at) => [at.toString(2).padStart(7, '0'), at + 1]));
  const html = countsTable(counts, 'Counts');
  expect(html.match(/<rect/g)).toHaveLength(64);
  expect(html).toMatch(
    /<tbody>\n<tr><th scope="row"><code><bdi>1100011<\/bdi><\/code><\/th><td class="number">100</,
  );
  expect(html).toContain('36 more, 666 shots together, are in the file.');
  expect(countsTable(new Map([['0', 10n ** 30n]]), 'x')).toContain('width="100.00"');
});

it('escapes markup, controls and marks that reorder', () => {
  expect(evidence('<a href="x">&\'\u202e')).toBe(
    '<bdi>&lt;a href=&quot;x&quot;&gt;&amp;&#39;\\u{202e}</bdi>',
  );
  expect(evidenceLines('a\r\n\tb<\u0000')).toBe('a\\u{d}\n\tb&lt;\\u{0}');
});
