// Writes vectors/statement, log, bundle, binding and note: one case a file, one failure a case, each with the policy or key that it needs.
// A case that is there already is never rewritten: it is a promise to every reader of the format. The keys are thrown away.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyHint } from '../src/attest/sigstore-bundle.ts';
import { statementBytes } from '../src/attest/statement.ts';
import { type Bytes, fromBase64, toBase64, utf8 } from '../src/core/bytes.ts';
import { digestOf } from '../src/core/digest.ts';
import { RECORD_PREDICATE } from '../src/core/identifiers.ts';
import { canonicalBytes } from '../src/core/jcs.ts';
import type { JsonObject } from '../src/core/json.ts';
import { fromDer } from '../src/core/p256.ts';
import { recordCore } from '../src/record/record.ts';
import { rawEd25519, recordSigner, spki } from '../src/store/identity.ts';
import { formatCheckpoint } from '../src/tlog/checkpoint.ts';
import { leafHash, nodeHash } from '../src/tlog/merkle.ts';
import { formatLogProof } from '../src/tlog/proof.ts';
import { formatVkey } from '../src/tlog/vkey.ts';
import {
  bodyOf,
  entryOf,
  fullBundle,
  newLog,
  signNote,
  type TestBundle,
  withEntries,
} from '../test/bundles.ts';
import { NOW, signedRecord } from '../test/records.ts';
import { envelopes, newIdentity, payloadOf } from '../test/statements.ts';
import { cosign, newWitness, retime } from '../test/witnesses.ts';

const FOLDER = join(import.meta.dirname, '../vectors');
const now = new Date(NOW).toISOString();

function write(folder: string, name: string, content: object): void {
  const path = join(FOLDER, folder, `${name}.json`);
  mkdirSync(join(FOLDER, folder), { recursive: true });
  if (!existsSync(path)) writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`);
}

const full = await fullBundle();
const { identity, log, record } = full;
const policyOf = ({ identity, log }: Pick<TestBundle, 'identity' | 'log'>): string => `version = 1
[[signer]]
name = "vector"
ed25519 = "${toBase64(rawEd25519(identity.ed25519))}"
p256 = "${toBase64(spki(identity.p256))}"
ml_dsa_65 = "${toBase64(spki(identity.mlDsa65))}"
[[log]]
vkey = "${formatVkey(log.vkey)}"
`;
const policy = policyOf(full);

type Expected = readonly [verdict: string, check: string, status: string, code?: string];

function writeCase(
  folder: string,
  name: string,
  about: string,
  expected: Expected,
  value: unknown,
  toml = policy,
): void {
  const [verdict, check, status, code] = expected;
  const expect = { verdict, check, status, ...(code === undefined ? {} : { code }) };
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  write(folder, name, { about, now, policy: toml, expect, text });
}

// Statements.
const payload = payloadOf(record);
const [p256, mlDsa65] = envelopes(identity, payload);
const key = spki(identity.p256);
const statement = JSON.parse(Buffer.from(payload).toString()) as JsonObject;
const signed = (value: JsonObject | Bytes): JsonObject =>
  envelopes(identity, value instanceof Uint8Array ? value : canonicalBytes(value))[0];
const envelopeOf = (bundle: JsonObject) =>
  bundle.dsseEnvelope as unknown as JsonObject & { signatures: [{ sig: string }] };
const withSignatures = (...signatures: JsonObject[]) => ({
  ...p256,
  dsseEnvelope: { ...envelopeOf(p256), signatures },
});
const { sig } = envelopeOf(p256).signatures[0];
const stranger = newIdentity();
const subject = statement.subject as JsonObject[];

const statements: [string, string, Expected, unknown][] = [
  ['p256', 'a P-256 envelope', ['pass', 'statement.subject', 'pass'], p256],
  ['ml-dsa-65', 'an ML-DSA-65 envelope', ['pass', 'statement.subject', 'pass'], mlDsa65],
  [
    'payload-spaced',
    'signed, and not canonical',
    ['fail', 'statement.subject', 'fail', 'statement.canonical'],
    signed(utf8(JSON.stringify(statement, null, 1))),
  ],
  [
    'subject-two',
    'two subjects',
    ['fail', 'statement.subject', 'fail', 'statement.subjects'],
    signed({ ...statement, subject: [...subject, ...subject] }),
  ],
  [
    'subject-other',
    'the subject is another core',
    ['fail', 'statement.subject', 'fail', 'statement.subject'],
    signed({ ...statement, subject: [{ ...subject[0]!, digest: { sha256: 'a'.repeat(64) } }] }),
  ],
  [
    'predicate-lying',
    'the right subject over an edited core',
    ['fail', 'statement.subject', 'fail', 'statement.subject'],
    signed({ ...statement, predicate: { ...recordCore(record), labels: { label: 'other' } } }),
  ],
  [
    'predicate-newer',
    'a later predicate version',
    ['inconclusive', 'statement.subject', 'unknown', 'format.newer'],
    signed(
      statementBytes(
        RECORD_PREDICATE.replace(/1$/, '2'),
        [{ name: 'x', digest: { sha256: 'a'.repeat(64) } }],
        {},
      ),
    ),
  ],
  [
    'signature-raw',
    'r‖s instead of DER',
    ['fail', 'statement.signature', 'fail', 'signature.invalid'],
    withSignatures({ sig: toBase64(fromDer(fromBase64(sig)!)!) }),
  ],
  [
    'signature-trailing',
    'a byte after the DER',
    ['fail', 'statement.signature', 'fail', 'signature.invalid'],
    withSignatures({ sig: toBase64(Uint8Array.of(...fromBase64(sig)!, 0)) }),
  ],
  [
    'signature-two',
    'two signatures',
    ['fail', 'statement.format', 'fail', 'bundle.signatures'],
    withSignatures({ sig }, { sig }),
  ],
  [
    'keyid-other',
    'a keyid that is not the hint',
    ['fail', 'statement.format', 'fail', 'bundle.keyid'],
    withSignatures({ sig, keyid: keyHint(spki(stranger.p256)) }),
  ],
  [
    'signer-unknown',
    'a key that the policy lacks',
    ['inconclusive', 'statement.signature', 'unknown', 'signer.unknown'],
    envelopes(stranger, payload)[0],
  ],
  [
    'certificate-too',
    'a key smuggled in as a certificate',
    ['fail', 'statement.format', 'fail', 'bundle.material'],
    {
      ...p256,
      verificationMaterial: {
        ...(p256.verificationMaterial as JsonObject),
        certificate: { rawBytes: 'AA==' },
      },
    },
  ],
];
for (const [name, about, expected, value] of statements) writeCase('statement', name, about, expected, value);

// Log entries: every member that some verifier has left unbound.
const body = bodyOf(p256, key);
const entry: JsonObject = entryOf(log, body);
const proof = (edit: JsonObject): JsonObject => ({
  ...entry,
  inclusionProof: { ...(entry.inclusionProof as unknown as JsonObject), ...edit },
});
const proofNote = ({ inclusionProof }: JsonObject): string =>
  (inclusionProof as unknown as { checkpoint: { envelope: string } }).checkpoint.envelope;
const [again] = envelopes(identity, payload);
const [other] = envelopes(identity, utf8('another payload'));
const forger = newLog(log.vkey.name);
const root = nodeHash(leafHash(utf8('another entry')), leafHash(body));
const otherOrigin = signNote(
  log,
  formatCheckpoint({ origin: 'elsewhere.example.org', size: 2, root, extensions: [] }),
);
const entries: [string, string, Expected, JsonObject][] = [
  ['entry', 'an entry and its proof', ['pass', 'log.inclusion', 'pass'], entry],
  [
    'index-outer',
    'another outer index',
    ['fail', 'log.inclusion', 'fail', 'log.index'],
    { ...entry, logIndex: '0' },
  ],
  [
    'root',
    'a root that is not the checkpoint’s',
    ['fail', 'log.inclusion', 'fail', 'log.root'],
    proof({ rootHash: toBase64(new Uint8Array(32)) }),
  ],
  [
    'size',
    'a size that is not the checkpoint’s',
    ['fail', 'log.inclusion', 'fail', 'log.root'],
    proof({ treeSize: '3' }),
  ],
  [
    'path',
    'a proof with another hash',
    ['fail', 'log.inclusion', 'fail', 'inclusion.root'],
    proof({ hashes: [toBase64(new Uint8Array(32))] }),
  ],
  [
    'integrated-time',
    'a time that nothing signs',
    ['fail', 'log.inclusion', 'fail', 'log.integrated-time'],
    { ...entry, integratedTime: '1700000000' },
  ],
  [
    'body-key',
    'a body that names another key',
    ['fail', 'log.entry', 'fail', 'log.key'],
    entryOf(log, bodyOf(p256, spki(stranger.p256))),
  ],
  [
    'body-signature',
    'a body with another signature over the payload',
    ['fail', 'log.entry', 'fail', 'log.signature'],
    entryOf(log, bodyOf(again, key)),
  ],
  [
    'body-payload',
    'the entry of another envelope',
    ['fail', 'log.entry', 'fail', 'log.digest'],
    entryOf(log, bodyOf(other, key)),
  ],
  [
    'checkpoint-forged',
    'a checkpoint signed by another key under the log’s name',
    ['fail', 'log.checkpoint', 'fail', 'checkpoint.unsigned'],
    { ...(entryOf(forger, body) as JsonObject), logId: entry.logId! },
  ],
  [
    'checkpoint-origin',
    'a checkpoint of another origin, by the log’s key',
    ['fail', 'log.checkpoint', 'fail', 'checkpoint.origin'],
    entryOf(log, body, { checkpoint: otherOrigin }),
  ],
  [
    'log-unknown',
    'a log that the policy lacks',
    ['pass', 'log.checkpoint', 'unknown', 'log.unknown'],
    entryOf(newLog('other.example.org'), body),
  ],
];
for (const [name, about, expected, value] of entries)
  writeCase('log', name, about, expected, withEntries(p256, value));

// Bundles.
const bundle = JSON.parse(Buffer.from(full.bytes).toString()) as JsonObject & {
  statements: JsonObject[];
  artifacts: JsonObject;
};
const elsewhere = await signedRecord(recordSigner(identity.ed25519));
const bundles: [string, string, Expected, unknown][] = [
  ['full', 'every part', ['pass', 'artifact.digest', 'pass'], bundle],
  [
    'statement-other',
    'with another record’s statement',
    ['fail', 'statement.subject', 'fail', 'statement.record'],
    { ...bundle, statements: [envelopes(identity, payloadOf(elsewhere))[0]] },
  ],
  [
    'artifact-stranger',
    'with an artifact that the record does not name',
    ['fail', 'artifact.digest', 'fail', 'artifact.stranger'],
    { ...bundle, artifacts: { [digestOf(utf8('x'))]: { encoding: 'utf8', data: 'x' } } },
  ],
  [
    'artifact-digest',
    'with an artifact under another’s digest',
    ['fail', 'artifact.digest', 'fail', 'artifact.digest'],
    { ...bundle, artifacts: { [Object.keys(bundle.artifacts)[0]!]: { encoding: 'utf8', data: 'x' } } },
  ],
  [
    'receipt-stranger',
    'with a receipt that the record does not name',
    ['fail', 'receipt.format', 'fail', 'receipt.type'],
    { ...bundle, receipts: [{ encoding: 'utf8', data: '{}' }] },
  ],
  [
    'member-unknown',
    'with a member that it does not have',
    ['fail', 'bundle.format', 'fail', 'format.shape'],
    { ...bundle, extra: 1 },
  ],
  [
    'newer',
    'of a later version',
    ['inconclusive', 'bundle.format', 'unknown', 'format.newer'],
    { ...bundle, mediaType: 'application/vnd.qpoe.bundle.v2+json' },
  ],
];
for (const [name, about, expected, value] of bundles) writeCase('bundle', name, about, expected, value);

// Bindings: each record is signed with what it says, and only one thing in it is wrong.
type Content = Parameters<NonNullable<Parameters<typeof fullBundle>[0]>>[0];
interface Bound {
  readonly runtime: JsonObject;
  readonly provenance: JsonObject & { readonly transparency_entry: JsonObject };
}
const boundIn = ({ execution }: Content): Bound => execution.job.binding as unknown as Bound;
const rebind = (edit: (bound: Bound) => object) => (content: Content) => {
  content.execution.job = { ...content.execution.job, binding: edit(boundIn(content)) as JsonObject };
};
const withJob = (edit: JsonObject) => (content: Content) => {
  content.execution.job = { ...content.execution.job, ...edit };
};
const elsewhereIn = (edit: JsonObject) =>
  rebind(({ runtime, provenance }) => ({
    runtime,
    provenance: { ...provenance, transparency_entry: { ...provenance.transparency_entry, ...edit } },
  }));
const OTHER_DIGEST = `sha256:${'5e'.repeat(32)}`;
const isOfReceipt = ({ dsseEnvelope }: JsonObject): boolean =>
  Buffer.from((dsseEnvelope as JsonObject).payload as string, 'base64').includes('aiir/commit_receipt');
const untouched = (one: JsonObject[]): JsonObject[] => one;
const bindings: [
  string,
  string,
  Expected,
  (content: Content) => void,
  ((statements: JsonObject[]) => JsonObject[])?,
  string?,
][] = [
  ['bound', 'a job bound to its receipt and log entry', ['pass', 'binding.match', 'pass'], () => undefined],
  [
    'job-other',
    'another job’s binding',
    ['fail', 'binding.match', 'fail', 'binding.job'],
    withJob({ job_id: 'd2another0job' }),
  ],
  [
    'session-other',
    'another session’s binding',
    ['fail', 'binding.match', 'fail', 'binding.job'],
    withJob({ session_id: 's-another' }),
  ],
  [
    'provider-other',
    'another provider’s binding',
    ['fail', 'binding.match', 'fail', 'binding.provider'],
    withJob({ provider: 'elsewhere' }),
  ],
  [
    'receipt-other',
    'bound to another receipt than the source names',
    ['fail', 'binding.match', 'fail', 'binding.receipt'],
    rebind(({ runtime, provenance }) => ({
      runtime,
      provenance: { ...provenance, aiir_statement: OTHER_DIGEST },
    })),
  ],
  [
    'index',
    'bound to another index of the log',
    ['fail', 'binding.match', 'fail', 'binding.entry'],
    elsewhereIn({ log_index: 1 }),
  ],
  [
    'uuid',
    'with a uuid, which the log has none of',
    ['fail', 'binding.match', 'fail', 'binding.entry'],
    elsewhereIn({ uuid: '5e'.repeat(32) }),
  ],
  [
    'log-other',
    'bound to an entry of a log that is not here',
    ['pass', 'binding.match', 'unknown', 'binding.entry-missing'],
    elsewhereIn({ log: 'other.example.org' }),
  ],
  [
    'statement-missing',
    'without the receipt’s statement',
    ['pass', 'binding.match', 'unknown', 'binding.statement'],
    () => undefined,
    (all) => all.filter((one) => !isOfReceipt(one)),
  ],
  [
    'entry-missing',
    'without the receipt’s log entry',
    ['pass', 'binding.match', 'unknown', 'binding.entry-missing'],
    () => undefined,
    (all) => all.map((one) => (isOfReceipt(one) ? withEntries(one) : one)),
  ],
  [
    'member-unknown',
    'a binding with a member that it does not have',
    ['fail', 'bundle.format', 'fail', 'format.shape'],
    rebind((bound) => ({ ...bound, approved: true })),
  ],
  [
    'handle-missing',
    'a binding of no job and no session',
    ['fail', 'bundle.format', 'fail', 'format.shape'],
    rebind(({ provenance }) => ({ runtime: { provider: 'ibm-quantum' }, provenance })),
  ],
  [
    'tags-other',
    'with the tags of another receipt',
    ['pass', 'binding.tags', 'unknown', 'binding.tags-differ'],
    withJob({ tags: [`aiir:${OTHER_DIGEST}`, 'tlog:0@log.example.org'] }),
  ],
  [
    'tags-two',
    'with tags of two receipts',
    ['pass', 'binding.tags', 'unknown', 'binding.tags-malformed'],
    withJob({ tags: [`aiir:${OTHER_DIGEST}`, `aiir:sha256:${'00'.repeat(32)}`, 'tlog:0@log.example.org'] }),
  ],
  [
    'demanded',
    'a policy that demands a binding, and a record with tags alone',
    ['inconclusive', 'binding.match', 'missing'],
    (content) => {
      const { binding: _, ...job } = content.execution.job;
      content.execution.job = job;
    },
    untouched,
    '[require.bundle]\nbinding = true\n',
  ],
];
for (const [name, about, expected, change, keep = untouched, demands = ''] of bindings) {
  const made = await fullBundle(change);
  const value = JSON.parse(Buffer.from(made.bytes).toString()) as JsonObject & { statements: JsonObject[] };
  const kept = { ...value, statements: keep(value.statements) };
  writeCase('binding', name, about, expected, kept, `${policyOf(made)}${demands}`);
}

// Trusted time: a witness's word, and what a policy makes of it.
const witness = newWitness('w.example.org');
const seconds = NOW / 1000 + 3600;
const later = new Date((seconds + 60) * 1000).toISOString().replace('.000', '');
const witnessed = `${policy}witnesses = ["${formatVkey(witness.vkey)}"]\n`;
const note2 = cosign(proofNote(entry), witness, seconds);
const cosigned = withEntries(p256, proof({ checkpoint: { envelope: note2 } }));
const window = (line: string): string => witnessed.replace('name = "vector"', `name = "vector"\n${line}`);
const times: [string, string, string, Expected, JsonObject][] = [
  [
    'witnessed',
    'a checkpoint that the witness cosigned',
    witnessed,
    ['pass', 'log.witnesses', 'pass'],
    cosigned,
  ],
  [
    'unwitnessed',
    'a checkpoint that it did not',
    witnessed,
    ['pass', 'log.witnesses', 'unknown', 'witnesses.quorum'],
    withEntries(p256, entry),
  ],
  [
    'cosignature-edited',
    'a cosignature with another time',
    witnessed,
    ['fail', 'log.witnesses', 'fail', 'cosignature.invalid'],
    withEntries(p256, proof({ checkpoint: { envelope: retime(note2, witness, seconds - 60) } })),
  ],
  [
    'cosignature-time-0',
    'a cosignature at time 0',
    witnessed,
    ['fail', 'log.witnesses', 'fail', 'cosignature.time'],
    withEntries(p256, proof({ checkpoint: { envelope: cosign(proofNote(entry), witness, 0) } })),
  ],
  [
    'expired-since',
    'a key that expired after it was seen',
    window(`not_after = ${later}`),
    ['pass', 'statement.signer', 'pass'],
    cosigned,
  ],
  [
    'expired-before',
    'a key that had expired when it was seen',
    window('not_after = 2026-01-01T00:00:00Z'),
    ['inconclusive', 'statement.signer', 'unknown', 'signer.window'],
    cosigned,
  ],
  [
    'expired-undated',
    'a key that expired, and nothing dates the statement',
    window(`not_after = ${later}`),
    ['inconclusive', 'statement.signer', 'unknown', 'signer.window'],
    withEntries(p256, entry),
  ],
  [
    'revoked-before',
    'a key that was revoked before it was seen',
    window('revoked_at = 2026-01-01T00:00:00Z'),
    ['inconclusive', 'statement.signer', 'unknown', 'signer.window'],
    cosigned,
  ],
];
for (const [name, about, toml, expected, value] of times)
  writeCase('time', name, about, expected, value, toml);

// Notes, checkpoints and proofs: `code` undefined where they are read and verify.
const text = formatCheckpoint({ origin: log.vkey.name, size: 2, root, extensions: [] });
const note = signNote(log, text);
const vkey = formatVkey(log.vkey);
const notes: [string, string, string | undefined, string][] = [
  ['signed', 'a signed checkpoint', undefined, note],
  [
    'signed-by-others-too',
    'with a line of an unknown key',
    undefined,
    `${note}— other.example.org AAAAAAAAAA==\n`,
  ],
  ['text-changed', 'one entry more', 'note.invalid', note.replace('\n2\n', '\n3\n')],
  ['signed-by-another', 'signed by a key of the same name', 'checkpoint.unsigned', signNote(forger, text)],
  ['no-signature', 'without a signature', 'note.syntax', `${text}\n\n`],
  ['no-blank-line', 'without a blank line', 'note.syntax', text],
  [
    'size-leading-zero',
    'a size with a leading zero',
    'checkpoint.size',
    signNote(log, text.replace('\n2\n', '\n02\n')),
  ],
  [
    'size-huge',
    'a size beyond 2^53 − 1',
    'checkpoint.size',
    signNote(log, text.replace('\n2\n', '\n9007199254740992\n')),
  ],
  [
    'root-short',
    'a root of 31 bytes',
    'checkpoint.root',
    signNote(log, text.replace(toBase64(root), toBase64(root.slice(1)))),
  ],
  [
    'origin-other',
    'another origin',
    'checkpoint.origin',
    signNote(log, text.replace(log.vkey.name, 'other')),
  ],
  ['control-character', 'a carriage return', 'note.control', note.replace('\n', '\r\n')],
];
for (const [name, about, code, value] of notes)
  write('note', name, { about, vkey, text: value, ...(code === undefined ? {} : { code }) });

const hashes = [leafHash(utf8('another entry'))];
const logProof = Buffer.from(formatLogProof({ index: 1, hashes, checkpoint: utf8(note) })).toString();
const proofs: [string, string, string | undefined, string][] = [
  ['proof', 'a proof of entry 1 of 2', undefined, logProof],
  ['extra', 'with extra data', undefined, logProof.replace('index', 'extra AAAA\nindex')],
  ['header', 'another version', 'log-proof.header', logProof.replace('@v1', '@v2')],
  ['index-missing', 'without an index', 'log-proof.index', logProof.replace('index 1\n', '')],
  [
    'hash-short',
    'a hash of 31 bytes',
    'log-proof.hash',
    logProof.replace(toBase64(hashes[0]!), toBase64(hashes[0]!.slice(1))),
  ],
  [
    'checkpoint-missing',
    'without a checkpoint',
    'log-proof.syntax',
    logProof.slice(0, logProof.indexOf('\n\n')),
  ],
];
for (const [name, about, code, value] of proofs)
  write('tlog-proof', name, { about, text: value, ...(code === undefined ? {} : { code }) });
