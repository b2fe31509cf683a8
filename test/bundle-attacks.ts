/** Bundles that older parts and an attacker's make: layers rebuilt with keys, a log, witnesses, an authority and a chain of their own. */

import { type Bytes, fromBase64, toBase64, utf8 } from '../src/core/bytes.ts';
import { digestOf } from '../src/core/digest.ts';
import type { JsonObject } from '../src/core/json.ts';
import { recordSigner, spki } from '../src/store/identity.ts';
import { formatNote, parseNote } from '../src/tlog/note.ts';
import { hashVkey } from '../src/tlog/vkey.ts';
import { anchorTree, headOf } from './anchors.ts';
import { type Mutant, notesOf, replace, swapMutants } from './bundle-mutants.ts';
import { withEntries } from './bundles.ts';
import {
  anchorEntries,
  assemble,
  type CompleteBundle,
  leafOf,
  newDocuments,
  type Parties,
  prove,
  signatureOf,
} from './complete-bundle.ts';
import type { Json } from './mutations.ts';
import { resign } from './records.ts';
import { envelopes, payloadOf } from './statements.ts';
import { cosign } from './witnesses.ts';

type Bundle = {
  readonly statements: readonly JsonObject[];
  readonly anchors: readonly JsonObject[];
} & JsonObject;

const readBundle = (bytes: Bytes): Bundle => JSON.parse(Buffer.from(bytes).toString());
const hasEntries = ({ verificationMaterial }: JsonObject): boolean =>
  Object.hasOwn(verificationMaterial as JsonObject, 'tlogEntries');
const entryOf = ({ verificationMaterial }: JsonObject): JsonObject =>
  (verificationMaterial as unknown as { readonly tlogEntries: readonly [JsonObject] }).tlogEntries[0];
const indexOf = (statement: JsonObject): number => Number(entryOf(statement).logIndex);
const isOfRecord = (statement: JsonObject): boolean => hasEntries(statement) && indexOf(statement) === 1;

/** Each was valid once, or beside something else. */
export function* replayMutants({ bytes, older }: CompleteBundle): Generator<Mutant> {
  const bundle = readBundle(bytes);
  const make = (about: string, edited: JsonObject): Mutant =>
    mutant('replayed', about, { ...bundle, ...edited });
  const withProof = (...entries: readonly JsonObject[]): readonly JsonObject[] =>
    bundle.statements.map((one) => (isOfRecord(one) ? withEntries(one, ...entries) : one));
  const instead = bundle.statements.map((one) => (isOfRecord(one) ? older.statement : one));
  const timestamps = older.timestamps as unknown as readonly JsonObject[];
  yield make('a proof that no witness saw', { statements: withProof(older.unwitnessed) });
  yield make('the proof of the entry before', { statements: withProof(older.before) });
  yield make('both proofs', { statements: withProof(older.unwitnessed, older.before) });
  yield make('no proof', { statements: withProof() });
  yield make('the anchor of a smaller tree', { anchors: [older.anchor] });
  yield make('that anchor, and that proof', { anchors: [older.anchor], statements: withProof(older.before) });
  yield make('an earlier statement, in no log', { statements: instead });
  if (timestamps.length === 0) return;
  yield make('the stamps of an earlier statement', { timestamps });
  yield make('an earlier statement with its stamps', { statements: instead, timestamps });
}

const mutant = (kind: Mutant['kind'], about: string, bundle: JsonObject): Mutant => ({
  kind,
  about,
  bytes: utf8(JSON.stringify(bundle)),
});

/** Every layer with the attacker's own keys, alone, with others, and all of them. */
export async function rebuiltMutants(material: CompleteBundle, attacker: Parties): Promise<Mutant[]> {
  const { bytes, parties, entries, documents } = material;
  const bundle = readBundle(bytes);
  const record = await resign(documents.record, recordSigner(attacker.identity.ed25519));
  const resigned = { ...documents, record, stated: envelopes(attacker.identity, payloadOf(record)) };
  const again = { ...documents, stated: envelopes(attacker.identity, payloadOf(documents.record)) };
  const place = { entries, receipt: 0, record: 1, anchored: 5 };
  const inTheirs = (docs: typeof documents) => {
    const own = [...entries];
    own[1] = leafOf(docs.stated[0], attacker.identity);
    return { ...place, entries: own };
  };
  const stolen: Parties = { ...attacker, log: parties.log };
  const invented = await newDocuments(attacker.identity, 'a', 0);
  const inventedPlace = {
    ...inTheirs(invented),
    entries: [leafOf(invented.declared[0], attacker.identity), ...inTheirs(invented).entries.slice(1)],
  };
  const rebuilt: readonly [string, Bytes][] = [
    [
      'the attacker’s log, witnesses and chain:',
      assemble({ ...attacker, identity: parties.identity }, documents, place).bytes,
    ],
    ['the attacker’s key on the record:', assemble(attacker, resigned, inTheirs(resigned)).bytes],
    ['the attacker’s key on the statements:', assemble(attacker, again, inTheirs(again)).bytes],
    [
      'the attacker’s key on all, in the log whose key was stolen:',
      assemble(stolen, resigned, inTheirs(resigned)).bytes,
    ],
    ['all the attacker’s, from the receipt on:', assemble(attacker, invented, inventedPlace).bytes],
  ];
  return [
    ...rebuilt.map(([whose, theirs]) => ({
      kind: 'rebuilt' as const,
      about: `${whose} everything`,
      bytes: theirs,
    })),
    ...rebuilt.flatMap(([whose, theirs]) => [
      ...swapMutants(bundle as never, readBundle(theirs) as never, whose, 'rebuilt'),
    ]),
    ...equivocations(material, attacker),
    ...disguises(material, attacker),
  ];
}

/** The log's key, stolen or its operator's own: other trees, for this reader alone. */
function* equivocations({ bytes, parties, entries }: CompleteBundle, attacker: Parties): Generator<Mutant> {
  const bundle = readBundle(bytes);
  const { log } = parties;
  const forged = [utf8('another first entry'), entries[1]!, ...entries.slice(2)];
  const alone = [entries[1]!, utf8('another entry')];
  const block = { number: 19_000_000, timestamp: 1_800_000_000 };
  const trees: readonly [string, readonly Bytes[], number, number][] = [
    ['of the same size', forged, 1, 2],
    ['of a larger size', forged, 1, 4],
    ['with the entry first', alone, 0, 2],
    ['with the entry alone', alone, 0, 1],
    ['the very tree', entries, 1, 2],
    ['the very tree, grown', entries, 1, 4],
  ];
  for (const [what, leaves, index, size] of trees)
    for (const [by, witnesses] of [
      ['no one', []],
      ['the attacker’s witnesses', attacker.witnesses],
      ['one witness of yours', parties.witnesses.slice(1)],
    ] as const) {
      const entry = prove({ log, witnesses }, leaves, index, size);
      const statements = bundle.statements.map((one) => (isOfRecord(one) ? withEntries(one, entry) : one));
      const onChain = anchorEntries(
        log,
        leaves,
        leaves.length,
        size < leaves.length ? [size] : [],
        block,
      ).anchor;
      const about = `a tree ${what}, signed by the log and seen by ${by}`;
      yield mutant('rebuilt', about, { ...bundle, statements });
      yield mutant('rebuilt', `${about}, in a block of the attacker’s`, {
        ...bundle,
        statements,
        anchors: [onChain],
      });
      const exactly = anchorTree(headOf(entry), block).anchor;
      yield mutant('rebuilt', `${about}, itself in a block of the attacker’s`, {
        ...bundle,
        statements,
        anchors: [exactly],
      });
    }
  const own = anchorEntries(log, entries, 5, [1, 2], block).anchor;
  yield mutant('rebuilt', 'the same tree in a block of the attacker’s', { ...bundle, anchors: [own] });
}

/** The attacker's signatures under your names and key ids. */
function* disguises({ bytes, parties, entries }: CompleteBundle, attacker: Parties): Generator<Mutant> {
  const bundle = readBundle(bytes);
  const yours = new Map(
    [parties.log.vkey, ...parties.witnesses.map(({ vkey }) => vkey)].map((vkey) => [vkey.name, vkey.keyId]),
  );
  const rename = (note: string): string => {
    const { text, signatures } = parseNote(utf8(note)).value!;
    return formatNote({
      text,
      signatures: signatures.map((line) => ({ ...line, keyId: yours.get(line.name)! })),
    });
  };
  const theirs = prove(attacker, entries, 1, 2) as unknown as {
    inclusionProof: { checkpoint: { envelope: string } };
  };
  const note = theirs.inclusionProof.checkpoint.envelope;
  const forge = (envelope: string, keyId: Bytes): JsonObject => ({
    ...(theirs as unknown as JsonObject),
    logId: { keyId: toBase64(keyId) },
    inclusionProof: { ...theirs.inclusionProof, checkpoint: { envelope } },
  });
  const [own, other] = [hashVkey(parties.log.vkey), hashVkey(attacker.log.vkey)];
  for (const [about, entry] of [
    ['signed by the attacker under your log’s key id', forge(note, own)],
    ['with your key ids in the note too', forge(rename(note), own)],
    ['with your key ids in the note alone', forge(rename(note), other)],
  ] as const) {
    const statements = bundle.statements.map((one) => (isOfRecord(one) ? withEntries(one, entry) : one));
    yield mutant('rebuilt', `a proof ${about}`, { ...bundle, statements });
  }
  for (const [i, statement] of bundle.statements.entries()) {
    const { payload } = statement.dsseEnvelope as unknown as { readonly payload: string };
    for (const [j, forged] of envelopes(attacker.identity, fromBase64(payload)!).entries()) {
      const disguised = { ...forged, verificationMaterial: statement.verificationMaterial! };
      yield mutant('rebuilt', `statement ${i} signed by key ${j} of the attacker’s, under your key’s name`, {
        ...bundle,
        statements: bundle.statements.toSpliced(i, 1, disguised),
      });
    }
  }
}

/** What anyone can put beside what is there. */
export function* additionMutants(material: CompleteBundle, attacker: Parties): Generator<Mutant> {
  const { bytes, documents, entries, parties } = material;
  const bundle = readBundle(bytes);
  const add = (name: string, about: string, part: unknown): Mutant =>
    mutant('added', about, { ...bundle, [name]: [...(bundle[name] as readonly never[]), part as never] });
  const [p256, mlDsa65] = envelopes(attacker.identity, payloadOf(documents.record));
  yield add('statements', 'the attacker’s statement of this record, by P-256', p256);
  yield add('statements', 'the attacker’s statement of this record, by ML-DSA-65', mlDsa65);
  const leaf = leafOf(p256, attacker.identity);
  yield add('statements', 'that in the attacker’s log', withEntries(p256, prove(attacker, [leaf], 0, 1)));
  yield add(
    'statements',
    'that in your log, forked',
    withEntries(p256, prove({ log: parties.log, witnesses: [] }, [leaf], 0, 1)),
  );
  yield add('anchors', 'an anchor of the attacker’s log', anchorEntries(attacker.log, [leaf], 1, []).anchor);
  const contract = new Uint8Array(20).fill(0xbd);
  yield add(
    'anchors',
    'an anchor in the attacker’s contract',
    anchorEntries(parties.log, entries, 5, [1, 2], { contract }).anchor,
  );
  yield add(
    'anchors',
    'an anchor in no block of yours',
    anchorEntries(parties.log, entries, 5, [1, 2], { number: 7, timestamp: 1_800_000_000 }).anchor,
  );
  yield add(
    'anchors',
    'an anchor of a fork',
    anchorEntries(parties.log, [leaf, ...entries], 5, [1, 2]).anchor,
  );
  yield add('keys', 'the attacker’s key', toBase64(spki(attacker.identity.ed25519)));
  yield add('keys', 'the attacker’s P-256 key', toBase64(spki(attacker.identity.p256)));
  yield add('receipts', 'another receipt', { encoding: 'utf8', data: '{}' });
  yield add('receipts', 'the receipt with a signature that is none', {
    ...(bundle.receipts as readonly JsonObject[])[0],
    signature: { a: 1 },
  });
  yield* stampAdditions(bundle, attacker, add);
  for (const { path, note } of notesOf(bundle as never)) {
    const [, seen] = [
      attacker,
      attacker.witnesses.reduce((text, witness) => cosign(text, witness, 1_700_000_000), note),
    ];
    yield mutant(
      'added',
      `${path.join('.')}: lines of witnesses that you don’t know`,
      replace(bundle as unknown as Json, path, seen) as unknown as JsonObject,
    );
  }
}

function* stampAdditions(
  bundle: Bundle,
  { stamp }: Parties,
  add: (name: string, about: string, part: unknown) => Mutant,
): Generator<Mutant> {
  if (stamp === undefined) return;
  for (const [i, statement] of bundle.statements.entries()) {
    const signature = signatureOf(statement);
    const part = { over: digestOf(signature), rfc3161: toBase64(stamp(signature)) };
    yield add('timestamps', `a stamp of the attacker’s authority over statement ${i}`, part);
  }
}
