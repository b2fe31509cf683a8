import { describe, expect, it } from 'vitest';
import { formatVkey, makeVkey } from '../tlog/vkey.ts';
import { parsePolicy, skewMs } from './policy.ts';

const KEY = '6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=';
const P256 = Buffer.concat([
  Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex'),
  Buffer.alloc(65, 4),
]).toString('base64');
const ML_DSA = Buffer.concat([
  Buffer.from('308207b2300b0609608648016503040312038207a100', 'hex'),
  Buffer.alloc(1952, 1),
]).toString('base64');
const key = Uint8Array.from(Buffer.from(KEY, 'base64'));
const LOG = formatVkey(makeVkey('log.example.org', 'ed25519', key));
const WITNESS = formatVkey(makeVkey('w.example.org', 'cosignature-ed25519', key));
const parse = (toml: string) => parsePolicy(toml, 'trust.toml');

it('reads every key that there is', () => {
  const policy = parse(`
version = 1
[[signer]]
name = "lab-2026"
ed25519 = "${KEY}"
p256 = "${P256}"
ml_dsa_65 = "${ML_DSA}"
signs = ["record", "receipt"]
not_before = 2026-01-01T00:00:00Z
not_after = 2028-01-01T00:00:00+01:00
revoked_at = 2027-01-01T00:00:00Z
[[keyless]]
identity = "https://github.com/x/y/.github/workflows/z.yml@refs/heads/main"
issuer = "https://token.actions.githubusercontent.com"
trusted_root = "public-good"
signs = ["receipt"]
[[log]]
vkey = "${LOG}"
witnesses = ["${WITNESS}"]
quorum = 1
[[log]]
trusted_root = "rekor.json"
[[timestamp_authority]]
certificate = "file.pem"
[[chain]]
name = "base"
chain_id = 8453
contract = "0x${'a'.repeat(40)}"
log_id = "0x${'b'.repeat(64)}"
blocks = [ { number = 123, hash = "0x${'c'.repeat(64)}" } ]
[require]
plausibility = true
skew = "10m"
[require.bundle]
statements = ["p256", "ml-dsa-65"]
log = true
witnesses = true
anchor = true
receipt = true
binding = true
artifacts = true
existed_by = 2027-01-01T00:00:00Z
`);
  expect(policy.signer![0]).toMatchObject({
    name: 'lab-2026',
    not_before: Date.UTC(2026, 0),
    not_after: Date.UTC(2027, 11, 31, 23),
  });
  expect(skewMs(policy)).toBe(600_000);
  expect(structuredClone(policy)).toEqual(policy);
});

it('five minutes is the skew of a policy that names none', () => {
  expect(skewMs(parse('version = 1'))).toBe(300_000);
  expect(skewMs(undefined)).toBe(300_000);
});

const signer = (lines: string) => `version = 1\n[[signer]]\nname = "a"\n${lines}`;

describe('refuses', () => {
  it.each<[string, string, RegExp]>([
    ['no version', '', /trust.toml: version: expected 1/],
    ['another version', 'version = 2', /version: expected 1/],
    [
      'an unknown key',
      'version = 1\ntrust_everyone = true',
      /the top level: unknown member "trust_everyone"/,
    ],
    [
      'a key of an algorithm we lack',
      signer('rsa = "AAAA"'),
      /signer\.0: unknown member "rsa": it takes name, ed25519, .*; there are keys of ed25519, p256 and ml_dsa_65, and of no/,
    ],
    [
      'a misspelt demand',
      'version = 1\n[require.bundel]\nlog = true',
      /require: unknown member "bundel": it takes plausibility, skew, bundle$/,
    ],
    ['a key that every object has', 'version = 1\n__proto__ = 1', /unknown member "__proto__"/],
    ['an unknown key inside', 'version = 1\n[require]\nsigner = true', /require: unknown member "signer"/],
    ['text that is no TOML', 'version = 1\n[[signer', /line 2, column \d+: not TOML/],
    ['a signer without a key', signer(''), /signer "a" has no key/],
    ['a signer without a name', `version = 1\n[[signer]]\ned25519 = "${KEY}"`, /signer.0.name/],
    ['a key of the wrong length', signer('ed25519 = "AAAA"'), /signer.0.ed25519: not the base64 of a usable/],
    ['a small-order key', signer(`ed25519 = "${'A'.repeat(43)}="`), /usable 32-byte Ed25519 key/],
    ['an SPKI of the wrong length', signer(`p256 = "${KEY}"`), /p256: not the base64/],
    [
      'a time without an offset',
      signer(`ed25519 = "${KEY}"\nnot_before = 2026-01-01T00:00:00`),
      /with an offset/,
    ],
    ['a date alone', signer(`ed25519 = "${KEY}"\nnot_before = 2026-01-01`), /with an offset/],
    ['a time as text', signer(`ed25519 = "${KEY}"\nnot_before = "2026-01-01T00:00:00Z"`), /with an offset/],
    [
      'a signer named twice',
      `${signer(`ed25519 = "${KEY}"`)}\n[[signer]]\nname = "a"\np256 = "${P256}"`,
      /that another signer has too/,
    ],
    [
      'a key named twice',
      `${signer(`ed25519 = "${KEY}"`)}\n[[signer]]\nname = "b"\ned25519 = "${KEY}"`,
      /that another signer has too/,
    ],
    [
      'an unknown duty',
      signer(`ed25519 = "${KEY}"\nsigns = ["everything"]`),
      /signs.0: expected "record" or "receipt"/,
    ],
    [
      'an algorithm we lack',
      'version = 1\n[require.bundle]\nstatements = ["rsa"]',
      /expected "p256" or "ml-dsa-65"/,
    ],
    ['a log with neither key nor root', 'version = 1\n[[log]]\nquorum = 1', /needs a vkey or a trusted_root/],
    [
      'an SPKI of another kind',
      signer(`p256 = "${Buffer.alloc(91).toString('base64')}"`),
      /p256: not the base64/,
    ],
    [
      'a window that ends before it begins',
      signer(`ed25519 = "${KEY}"\nnot_before = 2027-01-01T00:00:00Z\nnot_after = 2026-01-01T00:00:00Z`),
      /not_before lies after/,
    ],
    ['a quorum that can’t be met', `version = 1\n[[log]]\nvkey = "${LOG}"\nquorum = 1`, /quorum is more/],
    [
      'a log twice, the second without the first’s witnesses',
      `version = 1\n[[log]]\nvkey = "${LOG}"\n[[log]]\nvkey = "${LOG}"`,
      /stands there twice/,
    ],
    [
      'witnesses that nothing would ask',
      'version = 1\n[[log]]\ntrusted_root = "x"\nwitnesses = []',
      /trusted_root has no witnesses/,
    ],
    ['a quorum of none', 'version = 1\n[[log]]\ntrusted_root = "x"\nquorum = 0', /too small/],
    [
      'a contract that is none',
      'version = 1\n[[chain]]\nname = "x"\nchain_id = 1\ncontract = "0x1"',
      /chain.0.contract: not of the form/,
    ],
    ['a skew without a unit', 'version = 1\n[require]\nskew = "5"', /require.skew/],
    ['a key set twice', 'version = 1\nversion = 1', /not TOML/],
  ])('%s', (_, toml, reason) => expect(() => parse(toml)).toThrow(reason));
});
