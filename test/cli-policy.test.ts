/** The policy at the command line: begun at a level, checked, said in words, added to, and what it makes of expired keys. */

import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatVkey } from '../src/tlog/vkey.ts';
import { newPlace, type Place } from './cli.ts';
import { NO_OPENSSL, startAuthority } from './openssl-authority.ts';
import { newWitness } from './witnesses.ts';

const policyOf = ({ home }: Place): string => join(home, 'trust.toml');
const readPolicy = (place: Place): string => readFileSync(policyOf(place), 'utf8');
const json = (place: Place, ...args: string[]) => JSON.parse(place.qpoe(...args, '--json', '-q').stdout);
/** The codes of what `policy check` found. */
const codesOf = (place: Place, ...file: string[]): string[] =>
  json(place, 'policy', 'check', ...file).findings.map(({ code }: { code: string }) => code);
const oneLine = (pattern: RegExp) =>
  expect.stringMatching(new RegExp(`^qpoe: [^\\n]*${pattern.source}[^\\n]*\\n$`));

describe('policy init', () => {
  it('begins your own, at a level, with your identity, and never again', () => {
    const place = newPlace();
    const { code, stdout, stderr } = place.qpoe('policy', 'init', '--level', 'lab', '--name', 'lab-2026');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^policy: .*\/trust\.toml, level lab: .*\ntrusts: "lab-2026" {2}sha256:[0-9a-f]{64}\n$/,
    );
    expect(stderr).toMatch(/^made your identity: .*\n`qpoe policy check`/);
    expect(statSync(policyOf(place)).mode & 0o777).toBe(0o600);
    expect(json(place, 'init')).toMatchObject({ created: false });
    const text = readPolicy(place);
    expect(text).toMatch(/^# Whom qpoe trusts/);
    expect(text).toMatch(/\n\[require\.bundle\]\n(# .*\n)+statements = \["p256"\]\n# .*\nlog = true\n$/);
    for (const level of ['own', 'strict'])
      expect(place.qpoe('policy', 'init', '--level', level)).toMatchObject({
        code: 2,
        stdout: '',
        stderr: oneLine(/trust\.toml is there already, and stays as it is; .*--out FILE/),
      });
    expect(readPolicy(place)).toBe(text);
    // What a run makes passes it, once the run has added its log.
    place.qpoe('run');
    place.qpoe('bundle', '--out', 'a.json');
    expect(place.qpoe('verify', 'a.json')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^PASS/) });
    expect(codesOf(place)).toEqual(['require.bundles-only', 'log.unwitnessed']);
  });

  it('at `own` begins what `init` begins', () => {
    const [one, other] = [newPlace(), newPlace()];
    one.qpoe('init');
    other.qpoe('policy', 'init');
    const keyless = (text: string) => text.replaceAll(/"[A-Za-z0-9+/=]{40,}"/g, 'KEY');
    expect(keyless(readPolicy(other))).toBe(keyless(readPolicy(one)));
    expect(other.qpoe('policy', 'check')).toMatchObject({ code: 0, stdout: `OK  ${policyOf(other)}\n` });
  });

  it('begins another beside it with --out, and overwrites no file', () => {
    const place = newPlace();
    place.qpoe('init');
    const own = readPolicy(place);
    const args = [
      'policy',
      'init',
      '--level',
      'strict',
      '--existed-by',
      '2027-01-01',
      '--out',
      'strict.toml',
    ];
    expect(place.qpoe(...args)).toMatchObject({ code: 0 });
    const text = readFileSync(place.path('strict.toml'), 'utf8');
    expect(text).toMatch(/\nexisted_by = 2027-01-01T00:00:00Z\n$/);
    expect(json(place, 'policy', 'show', 'strict.toml')).toMatchObject({ level: 'strict' });
    expect(place.qpoe(...args)).toMatchObject({ code: 2, stderr: oneLine(/strict\.toml is there already/) });
    writeFileSync(place.path('note.txt'), 'mine');
    expect(place.qpoe('policy', 'init', '--out', 'note.txt').code).toBe(2);
    expect(place.qpoe('policy', 'init', '--out', 'no/such.toml')).toMatchObject({
      code: 2,
      stderr: oneLine(/no such folder/),
    });
    expect(readFileSync(place.path('note.txt'), 'utf8')).toBe('mine');
    expect([readPolicy(place), readFileSync(place.path('strict.toml'), 'utf8')]).toEqual([own, text]);
    expect(place.files()).toEqual(['note.txt', 'strict.toml']);
  });

  it('refuses a level, a time and a name that are none, and makes nothing', () => {
    const place = newPlace();
    for (const [flag, value, reason] of [
      ['--level', 'paranoid', /give own, lab, publication, strict/],
      ['--existed-by', 'tomorrow', /--existed-by tomorrow is no time; give 2027-01-01/],
      ['--existed-by', '2027-02-30', /is no time/],
      ['--name', 'a\nb', /can't be a signer's name/],
    ] as const)
      expect(place.qpoe('policy', 'init', flag, value)).toMatchObject({
        code: 2,
        stdout: '',
        stderr: oneLine(reason),
      });
    expect(json(place, 'init')).toMatchObject({ created: true });
  });
});

describe('policy check', () => {
  it('says what a level still needs, and stops saying it once it is there', () => {
    const place = newPlace();
    place.qpoe('policy', 'init', '--level', 'publication');
    const { code, stdout } = place.qpoe('policy', 'check');
    expect(code).toBe(3);
    expect(stdout).toMatch(
      /^! warning require\.log: it demands log, and knows no \[\[log\]\] → qpoe policy add-log/,
    );
    expect(stdout).toMatch(/\n2 warnings {2}.*trust\.toml\n$/);
    place.qpoe('run');
    expect(place.qpoe('policy', 'check').stdout).toMatch(/\n1 warning {2}/);
    const { vkey } = json(place, 'log', 'checkpoint');
    const witness = formatVkey(newWitness('w.example.org').vkey);
    expect(place.qpoe('policy', 'add-log', vkey, '--witness', witness).code).toBe(0);
    expect(place.qpoe('policy', 'check')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/\nOK {2}/),
    });
  });

  it('finds the files that it names, beside the policy and nowhere else', () => {
    const place = newPlace();
    place.qpoe('run');
    const text = readPolicy(place);
    const more = `[[timestamp_authority]]\ncertificate = "tsa.pem"\n[[log]]\ntrusted_root = "root.json"\n`;
    writeFileSync(
      place.path('p.toml'),
      `${text}${more}[[keyless]]\nidentity = "a"\nissuer = "b"\ntrusted_root = "public-good"\n`,
    );
    const texts = () =>
      json(place, 'policy', 'check', 'p.toml')
        .findings.filter(({ code }: { code: string }) => code === 'file.unusable')
        .map(({ text }: { text: string }) => text);
    expect(texts()).toEqual([
      expect.stringMatching(/tsa\.pem: no such file/),
      expect.stringMatching(/root\.json: no such file/),
    ]);
    writeFileSync(place.path('tsa.pem'), 'no certificate');
    writeFileSync(place.path('root.json'), '{}');
    expect(texts()).toEqual([
      expect.stringMatching(/tsa\.pem: not a certificate in PEM/),
      expect.stringMatching(/root\.json: not a Sigstore trusted root/),
    ]);
    chmodSync(place.path('root.json'), 0o666);
    expect(texts()[1]).toMatch(/others can write .*root\.json/);
  });

  it('refuses in one line what is no policy, and says where and what next', () => {
    const place = newPlace();
    place.qpoe('init');
    const own = readPolicy(place);
    for (const [text, reason] of [
      ['version = 1\n[[signer', /p\.toml: line 2, column \d+: not TOML; correct that line/],
      ['version = 2\n', /p\.toml: version: expected 1; correct the policy file; `qpoe schema policy`/],
      [`${own}\ntrust = "all"\n`, /signer\.0: unknown member "trust": it takes name/],
      [own.replace('p256', 'rsa'), /unknown member "rsa": it takes .* and of no other algorithm; correct/],
      [
        own.replace('p256 = "', 'p256 = "AA'),
        /signer\.0\.p256: not the base64 of the SPKI of a key for p256/,
      ],
      ['version = 1\n[require.bundle]\nstatements = ["rsa"]\n', /expected "p256" or "ml-dsa-65"/],
      ['version = 1\n[require.bundle]\nlogs = true\n', /unknown member "logs": it takes statements, log, /],
      ['\xff', /p\.toml: not UTF-8; save it as UTF-8/],
    ] as const) {
      writeFileSync(place.path('p.toml'), text, text === '\xff' ? 'latin1' : 'utf8');
      for (const command of ['check', 'show'])
        expect(place.qpoe('policy', command, 'p.toml'), text).toMatchObject({
          code: 2,
          stdout: '',
          stderr: oneLine(reason),
        });
      // Nothing is verified with it either.
      expect(place.qpoe('verify', '--policy', 'p.toml', 'x.json').code).toBe(2);
    }
  });

  it('refuses what can’t be read, or others can write', () => {
    const place = newPlace();
    expect(place.qpoe('policy', 'check')).toMatchObject({
      code: 2,
      stderr: oneLine(/no policy at .*; `qpoe init` makes one/),
    });
    place.qpoe('init');
    expect(place.qpoe('policy', 'check', 'none.toml')).toMatchObject({
      code: 2,
      stderr: oneLine(/can't read none\.toml: no such file or folder; name a policy that you can read/),
    });
    expect(place.qpoe('policy', 'check', '.')).toMatchObject({
      code: 2,
      stderr: oneLine(/is a folder; name/),
    });
    writeFileSync(place.path('p.toml'), 'version = 1');
    chmodSync(place.path('p.toml'), 0o666);
    expect(place.qpoe('policy', 'check', 'p.toml')).toMatchObject({
      code: 2,
      stderr: oneLine(/others can write p\.toml; chmod go-w/),
    });
  });

  it('checks the one that verify would take', () => {
    const place = newPlace();
    place.qpoe('init');
    const other = join(place.home, 'other.toml');
    writeFileSync(other, 'version = 1\n');
    writeFileSync(join(place.home, 'config.toml'), 'policy = "other.toml"\n');
    expect(place.qpoe('policy', 'check').stdout).toMatch(
      /^! warning signer\.none: .*\n1 warning {2}.*other\.toml\n$/,
    );
    expect(codesOf(place, policyOf(place))).toEqual([]);
  });

  it('lets no name in the policy forge a line', () => {
    const place = newPlace();
    place.qpoe('init');
    const forged = readPolicy(place).replace('"me"', '"me\\nOK  all is well\\u202e"');
    writeFileSync(
      place.path('p.toml'),
      `${forged}\n`.replace(/(p256 = .*\n)/, '$1not_after = 2020-01-01T00:00:00Z\n'),
    );
    for (const command of ['check', 'show']) {
      const { stdout } = place.qpoe('policy', command, 'p.toml');
      expect(stdout).toContain('me\\u{a}OK');
      expect(stdout).not.toMatch(/^OK/m);
      expect(stdout).not.toContain('\u202e');
    }
  });
});

describe('policy show', () => {
  it('says whom it trusts, what it demands, and what that means', () => {
    const place = newPlace();
    place.qpoe('policy', 'init', '--level', 'lab');
    place.qpoe('run');
    const { fingerprint, record_key } = json(place, 'init');
    const { code, stdout } = place.qpoe('policy', 'show');
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nlevel lab: a lab’s records among colleagues/);
    expect(stdout).toContain(`"me", for records and receipts\n    identity     ${fingerprint}\n`);
    expect(stdout).toContain(`    ed25519      ${record_key}\n`);
    expect(stdout).toMatch(
      /\nlogs\n {2}[0-9a-f.]+qpoe\.internal\+[0-9a-f]{8}, no witnesses: proves no date\n/,
    );
    expect(stdout).toMatch(
      /\ndemands of bundles\n {4}p256 {9}a P-256 statement .*\n {4}log {10}a statement in/,
    );
    const shown = json(place, 'policy', 'show');
    expect(shown).toMatchObject({
      level: 'lab',
      demands: [{ demand: 'p256' }, { demand: 'log' }],
      signers: [{ name: 'me', fingerprints: { identity: fingerprint } }],
    });
  });

  it('names no level where the demands are one’s own, and shows windows, witnesses, chains and blocks', () => {
    const place = newPlace();
    place.qpoe('init');
    const witnesses = ['a', 'b'].map((name) => formatVkey(newWitness(`${name}.example.org`).vkey));
    place.qpoe('run');
    const text = readPolicy(place)
      .replace(
        /(ml_dsa_65 = .*\n)/,
        '$1not_before = 2026-01-01T00:00:00Z\nrevoked_at = 2026-06-01T00:00:00+02:00\nsigns = ["record"]\n',
      )
      .replace(/(vkey = .*\n)/, `$1witnesses = ["${witnesses.join('", "')}"]\nquorum = 1\n`);
    const chain = `[[chain]]\nname = "base"\nchain_id = 8453\ncontract = "0x${'a'.repeat(40)}"\nblocks = [ { number = 7, hash = "0x${'c'.repeat(64)}" } ]\n`;
    const keyless =
      '[[keyless]]\nidentity = "ci"\nissuer = "https://ci.example"\ntrusted_root = "public-good"\n';
    const require =
      '[require]\nskew = "1h"\n[require.bundle]\nlog = true\nexisted_by = 2027-01-01T00:00:00Z\n';
    writeFileSync(place.path('p.toml'), `${text}${chain}${keyless}${require}`);
    const { stdout } = place.qpoe('policy', 'show', 'p.toml');
    for (const line of [
      'demands of its own: no level asks for just this',
      '  "me", for records',
      '    trusted      from 2026-01-01T00:00:00Z, revoked 2026-05-31T22:00:00Z',
      '  ci, as https://ci.example vouches under public-good, for records and receipts',
      '  base, chain 8453, contract 0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      '    log          any: its anchors show existence only',
      `    block        7 0x${'c'.repeat(64)}`,
      '  clocks agree within 3600 s',
    ])
      expect(stdout.split('\n')).toContain(line);
    expect(stdout).toMatch(
      /, 1 of 2 witnesses must have seen it\n {4}witness {6}a\.example\.org\+[0-9a-f]{8}\n/,
    );
    expect(stdout).toMatch(/existed_by {3}.* \(2027-01-01T00:00:00Z\)\n/);
    const { content } = json(place, 'policy', 'show', 'p.toml');
    expect(content.signer[0].revoked_at).toBe('2026-05-31T22:00:00Z');
    expect(content.require.bundle.existed_by).toBe('2027-01-01T00:00:00Z');
  });
});

describe('policy add-signer', () => {
  /** A lab with a bundle, and a reader who knows no one but themselves. */
  function labAndReader() {
    const lab = newPlace();
    lab.qpoe('run');
    lab.qpoe('bundle', '--out', 'job.json');
    lab.qpoe('run', '--out', 'record.json');
    const reader = newPlace();
    reader.qpoe('init');
    return {
      lab,
      reader,
      bundle: lab.path('job.json'),
      record: lab.path('record.json'),
      ...json(lab, 'init'),
    };
  }

  it('takes the keys of a bundle by the identity’s fingerprint, and then it passes', () => {
    const { reader, bundle, fingerprint } = labAndReader();
    expect(reader.qpoe('verify', bundle)).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/^INTACT, SIGNER UNKNOWN/),
    });
    const { code, stdout, stderr } = reader.qpoe(
      'policy',
      'add-signer',
      'lab-2026',
      '--from',
      bundle,
      '--fingerprint',
      fingerprint,
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      new RegExp(`^added "lab-2026" to .*trust\\.toml\n {2}identity {3}${fingerprint}\n`),
    );
    expect(reader.qpoe('verify', bundle)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('lab-2026'),
    });
    // The person's own signer and words are still there.
    expect(readPolicy(reader)).toMatch(/^# Whom(.*\n)*name = "me"\n(.*\n)*name = "lab-2026"\n/);
  });

  it('never trusts from the evidence alone: prints what it carries, and refuses', () => {
    const { reader, bundle, fingerprint } = labAndReader();
    const before = readPolicy(reader);
    const { code, stdout, stderr } = reader.qpoe('policy', 'add-signer', 'lab', '--from', bundle);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`identity   ${fingerprint}\n`);
    expect(stderr).toMatch(/\nqpoe: .*can't say whose they are; ask the signer .*--fingerprint\n$/);
    const other = `sha256:${'0'.repeat(64)}`;
    expect(
      reader.qpoe('policy', 'add-signer', 'lab', '--from', bundle, '--fingerprint', other),
    ).toMatchObject({
      code: 2,
      stderr: oneLine(/carries no key with the fingerprint sha256:0000/),
    });
    expect(readPolicy(reader)).toBe(before);
  });

  it('takes of a record, or by one key’s fingerprint, that key alone', () => {
    const { reader, bundle, record, record_key: key, fingerprint } = labAndReader();
    const asked = key.replace('sha256:', '').toUpperCase();
    expect(
      reader.qpoe('policy', 'add-signer', 'a', '--from', record, '--fingerprint', fingerprint).code,
    ).toBe(2);
    expect(reader.qpoe('policy', 'add-signer', 'a', '--from', record, '--fingerprint', asked)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(new RegExp(`\n {2}ed25519 {4}${key}\n$`)),
    });
    expect(reader.qpoe('verify', record).code).toBe(0);
    expect(reader.qpoe('policy', 'add-signer', 'b', '--from', bundle, '--fingerprint', key)).toMatchObject({
      code: 2,
      stderr: oneLine(/a key of "b" is "a"'s in .* already/),
    });
  });

  it('takes keys as they are, with what they may sign and when', () => {
    const { lab, reader } = labAndReader();
    const [, p256] = /p256 = "(.*)"/.exec(readPolicy(lab)) as unknown as [string, string];
    const [, mlDsa] = /ml_dsa_65 = "(.*)"/.exec(readPolicy(lab)) as unknown as [string, string];
    const args = [
      '--p256',
      p256,
      '--ml-dsa-65',
      mlDsa,
      '--signs',
      'receipt',
      '--not-before',
      '2026-01-01',
      '--not-after',
      '2028-01-01T12:00:00Z',
    ];
    expect(reader.qpoe('policy', 'add-signer', 'lab-2026', ...args)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('compare these'),
    });
    expect(json(reader, 'policy', 'show').content.signer[1]).toEqual({
      name: 'lab-2026',
      p256,
      ml_dsa_65: mlDsa,
      signs: ['receipt'],
      not_before: '2026-01-01T00:00:00Z',
      not_after: '2028-01-01T12:00:00Z',
    });
    expect(codesOf(reader)).toEqual(['signer.undated']);
  });

  it('refuses in one line what is no signer, and leaves the policy as it is', () => {
    const { lab, reader, bundle, fingerprint } = labAndReader();
    const before = readPolicy(reader);
    const [, own] = /ed25519 = "(.*)"/.exec(before) as unknown as [string, string];
    const key = ['--ed25519', /ed25519 = "(.*)"/.exec(readPolicy(lab))![1]!];
    const [statement] = lab.files().filter((file: string) => file.includes('/p256-'));
    writeFileSync(reader.path('x'), '{');
    for (const [args, reason] of [
      [['x'], /which keys\?; give --ed25519/],
      [['x', ...key, '--from', bundle], /keys and --from exclude each other/],
      [
        ['x', '--ed25519', 'AAAA'],
        /trust\.toml can't take that: with it: signer\.1\.ed25519: not the base64/,
      ],
      [['x', '--p256', key[1]!], /signer\.1\.p256: not the base64 of the SPKI/],
      [['x', '--ed25519', own], /a key of "x" is "me"'s in .* already/],
      [['me', ...key], /"me" is in .* already; a lab’s next keys get a name of their own/],
      [['a\u202eb', ...key], /can't be a signer's name/],
      [['x', ...key, '--signs', 'everything'], /--signs everything is none/],
      [['x', ...key, '--not-after', 'never'], /--not-after never is no time/],
      [
        ['x', ...key, '--not-before', '2027-01-01', '--not-after', '2026-01-01'],
        /not_before lies after not_after/,
      ],
      [['x', '--from', bundle, '--fingerprint', 'abc'], /--fingerprint abc is not a fingerprint/],
      [['x', '--from', 'none', '--fingerprint', fingerprint], /can't read none/],
      [['x', '--from', 'x', '--fingerprint', fingerprint], /x: .*; name an evidence bundle or a record/],
      [
        ['x', '--from', lab.path(statement!), '--fingerprint', fingerprint],
        /carries no key; name an evidence bundle/,
      ],
    ] as const)
      expect(reader.qpoe('policy', 'add-signer', ...args), args.join(' ')).toMatchObject({
        code: 2,
        stdout: '',
        stderr: oneLine(reason),
      });
    expect(readPolicy(reader)).toBe(before);
    expect(newPlace().qpoe('policy', 'add-signer', 'x', ...key)).toMatchObject({
      code: 2,
      stderr: oneLine(/no policy at/),
    });
  });
});

describe.skipIf(NO_OPENSSL !== undefined)(
  `an expired key${NO_OPENSSL === undefined ? '' : ` (${NO_OPENSSL})`}`,
  () => {
    it('with a stamp from before its end still verifies; without the authority it is unknown, and check says why', async () => {
      const { url, certificate } = await startAuthority();
      const place = newPlace();
      place.qpoe('run');
      const bundled = place.start('bundle', '--timestamp', url, '--out', 'a.json');
      expect(await new Promise((resolve) => bundled.on('close', resolve))).toBe(0);
      const text = readPolicy(place);
      const authority = `[[timestamp_authority]]\ncertificate = "${certificate}"\n`;
      const at = (ms: number) => new Date(Date.now() + ms).toISOString();
      const ending = (line: string) => text.replace(/(ml_dsa_65 = .*\n)/, `$1${line}\n`);
      const verify = (policy: string) => {
        writeFileSync(policyOf(place), policy);
        return place.qpoe('verify', 'a.json').stdout.split('\n', 1)[0];
      };
      const UNKNOWN = 'INTACT, SIGNER UNKNOWN TO YOU';
      // By now it has ended, or was revoked: the stamp is older.
      for (const end of [`not_after = ${at(-1)}`, `revoked_at = ${at(-1)}`]) {
        expect(verify(ending(end)), end).toBe(UNKNOWN);
        expect(codesOf(place)).toContain('signer.undated');
        expect(verify(`${ending(end)}${authority}`), end).toMatch(/^PASS/);
        expect(codesOf(place)).not.toContain('signer.undated');
        expect(codesOf(place)).toContain(end.startsWith('not') ? 'signer.ended' : 'signer.revoked');
      }
      expect(verify(`${ending(`not_after = ${at(-3_600_000)}`)}${authority}`)).toBe(UNKNOWN);
      expect(verify(`${ending(`revoked_at = ${at(-3_600_000)}`)}${authority}`)).toBe(UNKNOWN);
    });
  },
);
