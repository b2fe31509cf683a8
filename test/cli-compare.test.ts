/** `qpoe compare` as transcripts: what it prints, refuses and exits with. */

import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Circuit } from '../src/circuit/circuit.ts';
import { recordText } from '../src/record/record.ts';
import type { Result } from '../src/record/schema.ts';
import { newPlace, type Place } from './cli.ts';
import { type Counted, countedBundle, countedRecord, TILTED } from './counted.ts';
import { BELL, newSigner } from './records.ts';

const signer = newSigner();

async function write(place: Place, name: string, ...programs: readonly Counted[]): Promise<string> {
  writeFileSync(place.path(name), recordText(await countedRecord(signer, programs)));
  return name;
}

const bell = (counts: Record<string, number>): Counted => ({ circuit: BELL, counts });
const values = (value: number, error?: number): Counted => {
  const result: Result = {
    kind: 'expectation',
    values: [0.5, value],
    ...(error === undefined ? {} : { std_errors: [0.01, error] }),
  };
  return { circuit: BELL, result };
};

describe('records that agree', () => {
  it('exit 0, and each number stands beside what shot noise makes it', async () => {
    const place = newPlace();
    const a = await write(place, 'a.json', bell({ '00': 510, '11': 490 }));
    const b = await write(place, 'b.json', bell({ '00': 480, '11': 520 }));
    const { code, stdout, stderr } = place.qpoe('compare', a, b);
    expect(code).toBe(0);
    expect(stdout).toBe(`AGREE: no more apart than shot noise puts them: p = 0.18
A        a.json: circuit on simulator (statevector), 1000 shots
B        b.json: circuit on simulator (statevector), 1000 shots
circuit  the same

                            measured   from shot noise alone
  total variation distance  0.03       0.0178
  Hellinger fidelity        0.9991     0.9995
  G-test                    1.8        1                      p = 0.18, 2 cells

  11  A 490  █████████████████████████████████████████████
      B 520  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒
  00  A 510  ███████████████████████████████████████████████
      B 480  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒
`);
    expect(stderr).toContain('nothing was verified here');
  });

  it('are found by id in the store, by path, and in bundles', () => {
    const place = newPlace();
    for (const [seed, name] of [
      ['1', 'one.json'],
      ['2', 'two.json'],
    ] as const)
      place.qpoe('run', '--workload', 'toy-param-circuit', '--seed', seed, '--out', name);
    place.qpoe('bundle', 'last', '--out', 'two.qpoe.json');
    for (const other of ['last', 'two.json', 'two.qpoe.json'])
      expect(place.qpoe('compare', 'one.json', other).code, other).toBe(0);
  });

  it('with outcomes that only one of them has', async () => {
    const place = newPlace();
    const a = await write(place, 'a.json', { circuit: TILTED, counts: { '00': 60, '01': 40, '10': 2 } });
    const b = await write(place, 'b.json', { circuit: TILTED, counts: { '00': 61, '01': 40 } });
    const { code, stdout } = place.qpoe('compare', a, b);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\n {2}10 {2}A {2}2 .*\n {6}B {2}0\n/);
  });
});

describe('records that differ', () => {
  it('exit 1, and say how seldom shot noise does this', async () => {
    const place = newPlace();
    const a = await write(place, 'a.json', bell({ '00': 600, '11': 400 }));
    const b = await write(place, 'b.json', bell({ '00': 500, '11': 500 }));
    const { code, stdout } = place.qpoe('compare', a, b);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^DIFFER: shot noise alone does this with p = 6\.\d+e-6; the threshold is 0\.001\n/,
    );
  });

  it('of many programs one differs, and it takes more than one in a thousand to say so', async () => {
    const place = newPlace();
    const equal = bell({ '00': 500, '11': 500 });
    // Alone, p = 0.0007: of twenty tests one in seventy.
    const odd = bell({ '00': 576, '11': 424 });
    const a = await write(place, 'a.json', ...Array.from({ length: 20 }, () => equal));
    const b = await write(place, 'b.json', odd, ...Array.from({ length: 19 }, () => equal));
    const { code, stdout } = place.qpoe('compare', a, b);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^AGREE: .* by Holm's rule of 20 tests\n/);
    expect(stdout).toMatch(/\nprogram 0: agrees\n[\s\S]*\n… 12 more programs\n$/);
    const worse = await write(
      place,
      'c.json',
      bell({ '00': 700, '11': 300 }),
      ...Array.from({ length: 19 }, () => equal),
    );
    const differing = place.qpoe('compare', a, worse);
    expect([differing.code, differing.stdout]).toEqual([
      1,
      expect.stringMatching(/^DIFFER: 1 of 20 programs; /),
    ]);
  });
});

describe('what can’t be said', () => {
  it('exits 3, with the reason: one shot', async () => {
    const place = newPlace();
    const a = await write(place, 'a.json', bell({ '00': 1 }));
    const b = await write(place, 'b.json', bell({ '11': 1 }));
    expect(place.qpoe('compare', a, b)).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/^CAN'T SAY: too few shots to tell: 1 and 1\n/),
    });
  });

  it('no result, no shots, and counts that only a digest stands for', async () => {
    const place = newPlace();
    const a = await write(place, 'a.json', bell({ '00': 9 }));
    const none = await write(place, 'none.json', { circuit: BELL, result: { kind: 'none' } });
    const empty = await write(place, 'empty.json', bell({}));
    const gone = await write(place, 'gone.json', {
      circuit: BELL,
      result: { kind: 'counts', bits: 2, outcomes: 2, digest: `sha256:${'0'.repeat(64)}` },
    });
    const lacking = await countedRecord(signer, [bell({ '00': 9 }), bell({ '00': 9 })]);
    lacking.execution.result_summary.pop();
    writeFileSync(place.path('lacking.json'), recordText(lacking));
    const two = await write(place, 'two.json', bell({ '00': 9 }), bell({ '00': 9 }));
    expect(place.qpoe('compare', two, 'lacking.json')).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/^CAN'T SAY: program 1: B: it has no result\n/),
    });
    for (const [other, reason] of [
      [none, 'B: it has no result'],
      [empty, 'B has no shots'],
      [gone, `B: its counts sha256:${'0'.repeat(64)} is not here`],
    ] as const) {
      const { code, stdout } = place.qpoe('compare', a, other);
      expect([code, stdout.split('\n')[0]]).toEqual([3, `CAN'T SAY: ${reason}`]);
    }
  });
});

describe('what is refused', () => {
  const oneLine = (stderr: string): string => {
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    return stderr;
  };

  it('other circuits, unless --anyway', async () => {
    const place = newPlace();
    const a = await write(place, 'a.json', bell({ '00': 500, '11': 500 }));
    const b = await write(place, 'b.json', { circuit: TILTED, counts: { '00': 500, '11': 500 } });
    const { code, stdout, stderr } = place.qpoe('compare', a, b);
    expect([code, stdout]).toEqual([2, '']);
    expect(oneLine(stderr)).toBe(
      'qpoe: A and B ran different circuits; --anyway compares their results all the same\n',
    );
    const anyway = place.qpoe('compare', a, b, '--anyway');
    expect(anyway.code).toBe(0);
    expect(anyway.stdout).toContain('\ncircuit  different ones, compared all the same\n');
  });

  it('other widths and kinds, and another number of programs, --anyway or not', async () => {
    const place = newPlace();
    const wide: Circuit = { ...BELL, bits: 3 };
    const a = await write(place, 'a.json', bell({ '00': 5 }));
    for (const [programs, reason] of [
      [[{ circuit: wide, counts: { '000': 5 } }], 'program 0: outcomes of A have 2 bits, of B 3'],
      [[values(1)], 'program 0: A holds counts, B expectation values'],
      [
        [bell({ '00': 5 }), bell({ '00': 5 })],
        'A is a job of 1 circuit, B of 2; only jobs with the same number can be compared',
      ],
    ] as const) {
      const b = await write(place, 'b.json', ...programs);
      const { code, stderr } = place.qpoe('compare', a, b, '--anyway');
      expect(code).toBe(2);
      expect(oneLine(stderr)).toContain(reason);
    }
  });

  it('what isn’t there or is no record', () => {
    const place = newPlace();
    place.qpoe('run');
    writeFileSync(place.path('x.json'), '{}');
    for (const name of ['nothing', 'x.json', '.']) {
      const { code, stderr } = place.qpoe('compare', 'last', name);
      expect([name, code]).toEqual([name, 2]);
      oneLine(stderr);
    }
  });
});

describe('expectation values', () => {
  it.each<[string, Counted, Counted, number, RegExp]>([
    ['within their errors', values(0.7, 0.02), values(0.73, 0.02), 0, /\n {2}1 {6}0\.7 +0\.73 +1\.06 σ\n/],
    ['beyond them', values(0.7, 0.002), values(0.73, 0.002), 1, /^DIFFER/],
    [
      'exact, and rounded otherwise',
      values(0.7, 0),
      values(0.7 + 1e-12, 0),
      0,
      /^AGREE: the values are equal, but for rounding\n/,
    ],
    ['exact, and not equal', values(0.7, 0), values(0.7 + 1e-8, 0), 1, /exact, and not equal/],
    ['without an error, and equal', values(0.7), values(0.7), 0, /^AGREE/],
    ['without an error, and not equal', values(0.7), values(0.73), 3, /no error stated/],
  ])('%s', async (_, a, b, exit, says) => {
    const place = newPlace();
    const { code, stdout } = place.qpoe(
      'compare',
      await write(place, 'a.json', a),
      await write(place, 'b.json', b),
    );
    expect(code).toBe(exit);
    expect(stdout).toMatch(says);
  });
});

describe('for programs and for pages', () => {
  it('--json has every number', async () => {
    const place = newPlace();
    const a = await write(place, 'a.json', bell({ '00': 510, '11': 490 }));
    const b = await write(place, 'b.json', bell({ '00': 480, '11': 520 }));
    const { code, stdout } = place.qpoe('compare', a, b, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      circuits: 'same',
      outcome: 'agree',
      threshold: 0.001,
      tests: 1,
      a: { path: 'a.json', record_id: expect.any(String), hash: expect.stringMatching(/^sha256:/) },
      programs: [
        {
          program: 0,
          outcome: 'agree',
          shots: { a: 1000, b: 1000 },
          total_variation: { value: expect.closeTo(0.03, 12), shot_noise: expect.closeTo(0.0178, 4) },
          hellinger_fidelity: { value: expect.any(Number), shot_noise: expect.any(Number) },
          g_test: { cells: 2, df: 1, statistic: expect.any(Number), p: expect.any(Number) },
        },
      ],
    });
  });

  it('--html writes one page without a script, in which no record’s text is markup', async () => {
    const place = newPlace();
    const record = await countedRecord(signer, [bell({ '00': 510, '11': 490 })], {
      backend: '<script>alert(1)</script>',
    });
    writeFileSync(place.path('a.json'), recordText(record));
    writeFileSync(place.path('b.qpoe.json'), countedBundle(signer, record, [bell({})]));
    const { code, stderr } = place.qpoe('compare', 'a.json', 'b.qpoe.json', '--html', 'page.html');
    expect([code, stderr]).toEqual([0, expect.stringContaining('page    page.html')]);
    const page = readFileSync(place.path('page.html'), 'utf8');
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/<script|<img|<link|https?:|<[^>]* on[a-z]+=/);
    expect(page).toContain('&lt;script&gt;');
    expect(page.match(/<rect width="100.00"/g)).toHaveLength(2);
    expect(place.qpoe('compare', 'a.json', 'b.qpoe.json', '--html', 'a.json').code).toBe(2);
  });

  it('bars keep to the width of the terminal, and are coloured only where one is', async () => {
    const place = newPlace();
    const a = await write(place, 'a.json', bell({ '00': 510, '11': 490 }));
    const { stdout } = place.qpoe('compare', a, a);
    for (const line of stdout.split('\n').slice(5)) expect(line.length).toBeLessThanOrEqual(80);
    expect(stdout).not.toContain('\u001b');
  });
});
