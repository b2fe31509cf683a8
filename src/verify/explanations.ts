/**
 * What each check is worth, for people: what it proves, what it doesn't, whom one relies on in believing it, how it fails and
 * what to do then. Texts alone, loaded only where someone asks; `docs/checks.md` is made from them.
 */

import type { Check, CheckStatus } from './check.ts';
import { type CheckId, CLAIMS } from './claims.ts';

/** One way in which a check doesn't pass. */
export interface Failing {
  /** As the check's `code` has them; `x.*` is every code that begins so. */
  readonly codes: readonly string[];
  readonly status: Exclude<CheckStatus, 'pass' | 'skipped'>;
  readonly means: string;
  /** What to do about it. */
  readonly then: string;
}

export interface Explanation {
  readonly title: string;
  /** What is true where it passes. */
  readonly claim: string;
  readonly proves: string;
  readonly not_proven: string;
  readonly relies_on: string;
  readonly failings: readonly Failing[];
  /** What the command line has to do with it. */
  readonly cli?: string;
}

type Text = Omit<Explanation, 'claim'>;

const failing = (
  status: Failing['status'],
  codes: readonly string[],
  means: string,
  then: string,
): Failing => ({ codes, status, means, then });

const ASK_AGAIN = 'Ask whoever sent it for the file again, and don’t rely on this one.';
const NEWER = failing(
  'unknown',
  ['format.newer'],
  'It is of a version that this program doesn’t know.',
  'Verify it with a newer version.',
);
const NOT_STRICT = failing(
  'fail',
  ['json.*'],
  'It is not strict JSON, or larger or deeper than the limits: two programs could read two things in it.',
  ASK_AGAIN,
);
const MISSING = 'Your policy requires it and nothing here shows it.';
const ASK_SENDER = 'Ask the sender for a bundle that has it, or decide that you don’t need it.';
const missing = failing('missing', [], MISSING, ASK_SENDER);

const SIGNER_UNKNOWN = failing(
  'unknown',
  ['signer.unknown', 'signer.no-policy'],
  'Nobody that you named holds this key. It may be honest, and it may be anyone’s.',
  'Get the signer’s key or fingerprint on a channel that you trust, never from beside the file, and put it into your policy.',
);
const SIGNER_MIXED = failing(
  'unknown',
  ['signer.mixed'],
  'One of the keys that sign it is a signer’s of yours, and the one beside it is not that signer’s: whoever can forge one algorithm would do that.',
  'Ask the signer, on a channel that you trust, whether they have a new key; then put that into your policy.',
);
const SIGNER_WINDOW = failing(
  'unknown',
  ['signer.window'],
  'Your policy trusts the signer for a time only, and nothing shows that this existed then.',
  'Ask for a bundle in which others than the signer say when it existed.',
);
const SIGNER_SIGNS = failing(
  'unknown',
  ['signer.signs'],
  'Your policy lets this signer vouch for other things, not for this.',
  'Widen `signs` in your policy only if you mean it.',
);
const CERTIFICATE_FAILS = failing(
  'fail',
  ['keyless.*', 'bundle.*'],
  'The Sigstore certificate, its log entry, its time or its signature contradict each other.',
  ASK_AGAIN,
);
const ELSEWHERE = 'Verify the file in a terminal: until then it is no pass, for it might fail there.';
const CERTIFICATE_UNCHECKED = failing(
  'unknown',
  ['keyless.unchecked'],
  'It is signed by a certificate, and what checks those doesn’t run here.',
  ELSEWHERE,
);
const CERTIFICATE_UNKNOWN = failing(
  'unknown',
  ['keyless.*'],
  'No trusted root that you name knows the authority, log or clock behind the certificate.',
  'Name the right trusted root in your policy.',
);

const TEXTS: Readonly<Record<CheckId, Text>> = {
  'archive.format': {
    title: 'The archive’s form',
    proves:
      'That the zip can be read in one way only, and that its manifest is one of a known version, to the byte of its canonical form.',
    not_proven: 'Anything about what the manifest says.',
    relies_on: 'Nobody.',
    failings: [
      failing(
        'fail',
        ['zip.*'],
        'Two programs could find two things in this zip, or it would write outside of its folder or fill the disk; or it is not, to the byte, as an archive is written: someone packed it anew.',
        'Ask for the archive as it was written: the file itself, not one that was unpacked and packed again.',
      ),
      failing(
        'fail',
        ['archive.manifest', 'archive.statement', 'format.shape', 'format.canonical'],
        'There is no manifest, or it or a statement of it is not of its form, or it names something twice or something that isn’t there.',
        ASK_AGAIN,
      ),
      NOT_STRICT,
      NEWER,
    ],
  },
  'archive.keys': {
    title: 'The manifest’s signatures',
    proves:
      'That no signature over the manifest was taken away or replaced: the manifest names the keys that sign it.',
    not_proven: 'Whose the keys are: only someone you trust can say.',
    relies_on: 'SHA-256.',
    failings: [
      failing('fail', ['archive.unsigned'], 'A signature that the manifest announces isn’t here.', ASK_AGAIN),
      failing('fail', ['archive.stray-key'], 'A key that the manifest doesn’t name signed it.', ASK_AGAIN),
    ],
  },
  'archive.files': {
    title: 'The archive’s files',
    proves:
      'That every file, the crate and the citation too, is to the byte what was signed, and that none was added or taken away.',
    not_proven: 'That what crate, citation and readme say is true: they are the signer’s word.',
    relies_on: 'SHA-256.',
    failings: [
      failing(
        'fail',
        ['archive.digest', 'zip.data'],
        'A file was changed after it was signed, or is damaged.',
        ASK_AGAIN,
      ),
      failing(
        'fail',
        ['archive.stranger'],
        'A file is here that nobody signed.',
        'Ask who added it, and take it out.',
      ),
      failing('fail', ['archive.missing'], 'A file that was signed isn’t here.', ASK_AGAIN),
      failing(
        'fail',
        ['archive.paper'],
        'The text for the paper names another manifest, signer or number of records than are here.',
        ASK_AGAIN,
      ),
    ],
  },
  'archive.figure': {
    title: 'A figure’s records',
    proves:
      'That each record that the manifest names for this figure is here, is that very record, and verifies.',
    not_proven:
      'That the figure was drawn from them, that they are all that was run for it, or that what they say is true.',
    relies_on: 'The checks of each bundle.',
    failings: [
      failing(
        'fail',
        ['archive.record'],
        'A record fails, isn’t here, or is another than the manifest names.',
        'Look at that bundle’s own checks, and ask for the archive again.',
      ),
      failing(
        'unknown',
        ['archive.inconclusive'],
        'A record is intact, but you don’t know its signer, or it lacks what your policy requires.',
        'Look at that bundle’s own checks: they say what is missing.',
      ),
    ],
  },
  'archive.external': {
    title: 'What is beside the archive',
    proves: 'That the large artifacts in the folder that you named are the ones that the manifest names.',
    not_proven: 'What is in them.',
    relies_on: 'SHA-256.',
    failings: [
      failing('fail', ['archive.external-digest'], 'A file there is another than its name says.', ASK_AGAIN),
      failing(
        'unknown',
        ['archive.external-missing'],
        'Some of them are not in the folder that you named: no pass, because you asked for them.',
        'Get them where the archive came from, or verify without naming a folder.',
      ),
      failing(
        'absent',
        ['archive.external-unread'],
        'The archive names artifacts by digest, and nobody said where they are.',
        'Get them if you need them: everything else is judged without.',
      ),
    ],
    cli: '`--external DIR` names their folder.',
  },
  'archive.reproduction': {
    title: 'A reproduction',
    proves:
      'That someone you trust signed that they ran these very records again, and that no result they could compare was another.',
    not_proven:
      'That they did: it is their word. And nothing of what they did not run, as of a provider’s jobs: the evidence says how many of how many they ran.',
    relies_on: 'Whoever ran them again.',
    failings: [
      failing(
        'fail',
        ['archive.reproduction'],
        'It is no reproduction, or of records of another archive, or was changed after it was signed.',
        ASK_AGAIN,
      ),
      failing(
        'unknown',
        ['archive.reproduction-unknown'],
        'Nobody that you named holds these keys. Anyone can sign that a result is right, the authors under another name too.',
        'Ask whoever is said to have made it for their fingerprint, or leave it out of account: the archive is judged without.',
      ),
      failing(
        'unknown',
        ['archive.reproduction-own'],
        'The archive’s own signer made it: a key of theirs is among those that sign it, or your policy gives both to one signer.',
        'Take it as no more than what the archive says itself.',
      ),
      failing(
        'unknown',
        ['archive.reproduction-differs'],
        'Someone you trust found other results, or calls one consistent whose own numbers say otherwise. The archive is intact, and says so itself.',
        'Run the records again.',
      ),
      failing(
        'unknown',
        ['archive.reproduction-unsure'],
        'Nothing was run again that could be compared, or of some it couldn’t be said.',
        'Run the records again.',
      ),
      failing(
        'absent',
        ['archive.reproduction-unasked'],
        'Who signed it was not asked.',
        'Verify with a policy that names them.',
      ),
    ],
    cli: '`qpoe reproduce` runs the records again, `qpoe policy add-signer` names who signed it.',
  },
  'bundle.format': {
    title: 'The bundle’s form',
    proves:
      'That every part of the file is one that this program knows and looked at: nothing rides along unjudged.',
    not_proven: 'Anything about what the parts say.',
    relies_on: 'Nobody.',
    failings: [
      failing(
        'fail',
        ['format.shape', 'bundle.*', 'statement.detached'],
        'A part is unknown, doubled or not of its form.',
        ASK_AGAIN,
      ),
      NOT_STRICT,
      NEWER,
    ],
  },
  'bundle.keys': {
    title: 'The keys',
    proves: 'That no key is here, beside the one that signed, which someone could take for the signer’s.',
    not_proven: 'Whose the keys are: they came with the evidence, and only someone you trust can say.',
    relies_on: 'SHA-256.',
    failings: [
      failing(
        'fail',
        ['bundle.stray-key'],
        'A key is here that signed nothing here, though another of its algorithm did.',
        ASK_AGAIN,
      ),
    ],
  },
  'record.format': {
    title: 'The record’s form',
    proves: 'That the file is a record of a known version with every member in place and no other.',
    not_proven: 'Anything about what the members say.',
    relies_on: 'Nobody.',
    failings: [
      failing(
        'fail',
        ['format.shape', 'format.version', 'format.ambiguous'],
        'A member is missing, unknown or of another form, or the file claims two formats at once.',
        ASK_AGAIN,
      ),
      failing(
        'fail',
        ['format.unrecognised'],
        'It is nothing that this program can verify.',
        'Look whether it is the right file. An archive of something else has to be unpacked first.',
      ),
      NOT_STRICT,
      NEWER,
    ],
  },
  'record.hash': {
    title: 'The record’s hash',
    proves:
      'That the record, counts and circuit and times and signer’s key alike, is to the byte of its canonical form what was hashed.',
    not_proven:
      'Who hashed it: whoever changes a record can hash it again. That is what the signature is for.',
    relies_on: 'SHA-256.',
    failings: [
      failing(
        'fail',
        ['hash.mismatch'],
        'Something was changed after the record was made: a single count is enough.',
        `${ASK_AGAIN} The statements of a bundle hold the record as it was signed.`,
      ),
    ],
    cli: '`qpoe hash FILE` computes it again; `qpoe hash --core FILE` writes the hashed bytes.',
  },
  'record.signature': {
    title: 'The record’s signature',
    proves: 'That the holder of the key that stands in the record signed exactly this record.',
    not_proven: 'Whose key it is; when it was signed; that what was signed is true.',
    relies_on: 'Ed25519, and on the signer to have kept the key.',
    failings: [
      failing(
        'fail',
        ['signature.invalid'],
        'The signature is another record’s, or the record was changed and hashed again.',
        ASK_AGAIN,
      ),
      failing(
        'fail',
        ['signature.encoding', 'signature.key.*'],
        'Key or signature is of a form that no honest signer makes; some such keys would let anything pass.',
        ASK_AGAIN,
      ),
      failing(
        'absent',
        ['signature.none'],
        'The record is unsigned: anyone could have written it.',
        'Ask for a signed one. An unsigned record is never better than inconclusive.',
      ),
    ],
  },
  'record.signer': {
    title: 'The record’s signer',
    proves: 'That you, in your policy or by a fingerprint, named the key that signed.',
    not_proven: 'That the signer is honest, or still alone with the key.',
    relies_on: 'Your policy, or the fingerprint that you gave. Never on anything in or beside the file.',
    failings: [SIGNER_UNKNOWN, SIGNER_WINDOW, SIGNER_SIGNS],
    cli: '`qpoe verify --signer FINGERPRINT` trusts one identity for one run.',
  },
  'record.counts': {
    title: 'Widths and sums',
    proves: 'That the results add up to the shots and have as many bits as the circuit writes.',
    not_proven: 'That the counts were measured, or fit the circuit.',
    relies_on: 'Arithmetic.',
    failings: [
      failing(
        'fail',
        ['counts.programs', 'counts.total', 'counts.result'],
        'The record contradicts itself.',
        'Ask the signer: an honest program doesn’t write such a record.',
      ),
      failing(
        'unknown',
        ['counts.digest'],
        'The result stands in the record by its digest, and can’t be added up from that.',
        'Ask for the result itself: its digest is signed.',
      ),
      failing(
        'unknown',
        ['counts.none'],
        'Some of the programs have no result: the provider lost it, or its form isn’t known.',
        'The raw result has what the provider gave; the record names it.',
      ),
      failing(
        'absent',
        ['counts.none'],
        'The record holds no result: the job failed, or what it gave is gone.',
        'Nothing: there is none.',
      ),
    ],
  },
  'record.times': {
    title: 'The record’s own times',
    proves: 'That start, end and creation don’t contradict each other, nor the time in the record’s id.',
    not_proven: 'When it ran: all of them are the signer’s word.',
    relies_on: 'The signer’s clock, and yours for what lies in the future.',
    failings: [
      failing(
        'fail',
        ['times.order', 'times.record-id'],
        'The record’s times contradict each other by more than clocks do.',
        'Ask the signer. `skew` in a policy widens what is tolerated.',
      ),
      failing(
        'unknown',
        ['times.future'],
        'By this machine’s clock it has yet to happen.',
        'Check this machine’s clock first.',
      ),
    ],
  },
  'result.digest': {
    title: 'The result’s digest',
    proves: 'That the result digest in the original toolkit’s record is that of the counts beside it.',
    not_proven: 'Where the counts come from.',
    relies_on: 'SHA-256.',
    failings: [
      failing(
        'fail',
        ['result.mismatch'],
        'Counts and digest are of two results.',
        'Ask the signer which was meant.',
      ),
    ],
  },
  'result.samples': {
    title: 'The counts, from the samples',
    proves:
      'That the record’s counts are what the provider’s raw answer gives, shot by shot; of expectation values, that they are the answer’s.',
    not_proven:
      'That the raw answer is what the provider gave: it signs nothing, and the importer could write both.',
    relies_on: 'Arithmetic, and the importer for the raw answer.',
    failings: [
      failing(
        'fail',
        ['samples.mismatch', 'samples.programs'],
        'The raw answer gives other counts, values, shots or programs than the record.',
        'Don’t rely on it: whoever signed it signed two different results.',
      ),
      failing(
        'unknown',
        ['samples.unread', 'samples.order', 'samples.programs'],
        'The raw answer is too large, not of a form that is read here, or its registers’ order is not known.',
        'Count it with the provider’s own tools.',
      ),
      failing('absent', [], 'The raw answer is not in the file.', 'Ask for a bundle with its artifacts.'),
    ],
    cli: '`qpoe bundle unpack` writes the raw answer as a file.',
  },
  'circuit.rebuild': {
    title: 'The circuit, built again',
    proves:
      'That the recorded circuit is what the named workload gives for the recorded parameters and seed.',
    not_proven: 'That this circuit is what ran. Of a circuit of one’s own there is nothing to build again.',
    relies_on: 'The workload’s definition in this program; of some old records, the SDK that you named.',
    failings: [
      failing(
        'fail',
        ['circuit.mismatch', 'circuit.parameters'],
        'The record names another circuit than its own parameters make, or parameters that make none.',
        'Ask the signer: name, parameters or circuit is wrong.',
      ),
      failing(
        'unknown',
        ['circuit.size'],
        'It has too many gates to be built while verifying.',
        'Build it with the SDK and compare digests.',
      ),
      failing(
        'unknown',
        ['circuit.sdk-text', 'circuit.sdk-version'],
        'Only the SDK’s own release can write the text whose hash stands in the record.',
        'Verify where that release is installed.',
      ),
    ],
    cli: '`qpoe verify --python PATH` asks the SDK in that Python, for records of the original toolkit.',
  },
  'circuit.source': {
    title: 'The circuit’s text',
    proves:
      'That the text that the SDK was given is the one that this program writes for the recorded circuit.',
    not_proven: 'That the SDK ran that text.',
    relies_on: 'This program’s OpenQASM writer.',
    failings: [
      failing(
        'fail',
        ['source.mismatch'],
        'The SDK was given the text of another circuit.',
        'Ask the signer what ran.',
      ),
      failing(
        'unknown',
        ['circuit.size'],
        'It has too many gates to be written while verifying.',
        'Compare digests with the SDK’s own text.',
      ),
    ],
  },
  'circuit.executed': {
    title: 'The executed circuit',
    proves:
      'That the circuit that the record says was executed, simulated here without noise, gives the outcomes of the circuit that was submitted: no compiler emptied or changed it.',
    not_proven:
      'That it ran, or that a provider compiled it no further. Two circuits with the same outcomes may still be different ones.',
    relies_on: 'A simulation here, up to 20 qubits in use; the record’s signer for what was executed.',
    failings: [
      failing(
        'fail',
        ['executed.differs'],
        'The executed circuit gives clearly other outcomes than the submitted one.',
        'Don’t rely on the counts as ones of the submitted circuit.',
      ),
      failing(
        'fail',
        ['executed.collapsed'],
        'Nothing is left of the circuit: no gate or no measurement, though the submitted one has them and gives something else.',
        'Don’t rely on the counts. Compile it again, and look at what comes out.',
      ),
      failing(
        'unknown',
        ['executed.collapsed'],
        'The executed circuit has no gate, the submitted one does, and the two can’t be simulated here.',
        'Look at both: a circuit that undoes itself may vanish rightly.',
      ),
      failing(
        'fail',
        ['executed.program'],
        'It is executed for a program that the record doesn’t have.',
        ASK_AGAIN,
      ),
      failing(
        'unknown',
        ['executed.approximate', 'executed.bits'],
        'The two differ a little, as a compiler that was told to approximate makes them, or in how many bits they have.',
        'Ask the signer how it was compiled.',
      ),
      failing(
        'unknown',
        ['executed.unread'],
        'Some can’t be compared: too large, not measured, or in a form that isn’t read here.',
        'Compare them with the tools that made them.',
      ),
      failing('absent', [], 'The circuits are not in the file.', 'Ask for a bundle with its artifacts.'),
    ],
    cli: '`qpoe bundle unpack` writes the circuits as files.',
  },
  plausibility: {
    title: 'Plausibility',
    proves:
      'That the counts are what the circuit gives without noise, within the noise of their shots; of hardware, that some of the circuit shows in them, and how much.',
    not_proven:
      'That anything ran: whoever simulates the circuit has counts that fit. Nor that no better counts were thrown away.',
    relies_on: 'A simulation, made here, and statistics.',
    failings: [
      failing(
        'fail',
        ['plausibility.impossible'],
        'There are outcomes that the circuit can’t give, and the record says that a simulator without noise ran it.',
        'Run the circuit again and compare. Someone moved counts, or what ran was another circuit or had noise.',
      ),
      failing(
        'fail',
        ['plausibility.counts'],
        'No outcome is impossible, but honest shots are so far from the circuit’s distribution less than once in a thousand records.',
        'Run the circuit again and compare. It may be that one in a thousand.',
      ),
      failing(
        'unknown',
        ['plausibility.impossible', 'plausibility.counts'],
        'The counts aren’t what the circuit gives without noise, as the record says it ran. Your policy doesn’t require that, so nothing fails.',
        'Run the circuit again and compare, before you rely on the counts.',
      ),
      failing(
        'unknown',
        ['plausibility.noise'],
        'On hardware, or where a noise model may have been at work: the counts could as well be noise alone, or have bits that the circuit never writes.',
        'More shots may show something; of a deep circuit on today’s hardware nothing may be left.',
      ),
      failing(
        'unknown',
        ['plausibility.size'],
        'The circuit is too large, or takes too long, to be simulated while verifying.',
        'Nothing here can help: of such circuits only others than a simulator can say.',
      ),
      failing(
        'unknown',
        ['plausibility.circuit'],
        'The circuit’s gate list isn’t here, or the record names none.',
        'Verify the bundle, or the record where its store lies.',
      ),
      failing(
        'unknown',
        ['plausibility.result'],
        'There are no counts to judge: expectation values, no result, or counts that stand by a digest alone.',
        'Ask for the result itself: its digest is signed.',
      ),
      failing(
        'unknown',
        ['plausibility.shots'],
        'There are so few shots, for so many outcomes, that any counts would do.',
        'Run it with more shots.',
      ),
      missing,
    ],
    cli: '`qpoe verify --plausibility` asks for it; a policy requires it by `plausibility = true`.',
  },
  'artifact.digest': {
    title: 'The artifacts',
    proves: 'That each text and raw result in the bundle is, to the byte, what the record names by digest.',
    not_proven: 'That they are true, or that all are here: the evidence says how many of how many.',
    relies_on: 'SHA-256.',
    failings: [
      failing(
        'fail',
        ['artifact.digest'],
        'An artifact isn’t what its name says: it was replaced or damaged.',
        ASK_AGAIN,
      ),
      failing(
        'fail',
        ['artifact.stranger'],
        'The bundle carries something that the record doesn’t name.',
        'Don’t take it for part of the evidence; ask for a clean bundle.',
      ),
      missing,
    ],
  },
  'statement.format': {
    title: 'The statement’s form',
    proves: 'That the envelope is of a known kind and holds nothing unjudged.',
    not_proven: 'Anything about what it says.',
    relies_on: 'Nobody.',
    failings: [
      failing(
        'fail',
        ['bundle.*', 'statement.*', 'note.*', 'entries.*'],
        'The envelope is malformed.',
        ASK_AGAIN,
      ),
      NOT_STRICT,
      NEWER,
    ],
  },
  'statement.signature': {
    title: 'The statement’s signature',
    proves: 'That the holder of the key, or of the certificate, signed exactly these bytes.',
    not_proven:
      'That the bytes are about this record (`statement.subject`), or whose key it is (`statement.signer`).',
    relies_on: 'ECDSA P-256 or ML-DSA-65; with a certificate, the Sigstore root that your policy names.',
    failings: [
      failing('fail', ['signature.invalid'], 'The payload or the signature was changed.', ASK_AGAIN),
      failing(
        'unknown',
        ['signer.unknown', 'statement.detached'],
        'The envelope names its key and doesn’t carry it, and your policy has no such key; or it signs a file that isn’t here.',
        'Put the signer’s statement keys into your policy. One unknown envelope of several spoils no pass: anyone can add one.',
      ),
      CERTIFICATE_FAILS,
      CERTIFICATE_UNCHECKED,
      CERTIFICATE_UNKNOWN,
      missing,
    ],
  },
  'statement.signer': {
    title: 'The statement’s signer',
    proves: 'That you named the key or identity that signed, and let it vouch for records.',
    not_proven: 'That the signer is honest.',
    relies_on: 'Your policy, or the fingerprint that you gave.',
    failings: [SIGNER_UNKNOWN, SIGNER_MIXED, SIGNER_WINDOW, SIGNER_SIGNS],
  },
  'statement.subject': {
    title: 'What the statement is about',
    proves: 'That the signed bytes are exactly the statement of this record’s core, with nothing added.',
    not_proven: 'That the record is true.',
    relies_on: 'SHA-256, and RFC 8785 for the one form of the bytes.',
    failings: [
      failing(
        'fail',
        ['statement.record', 'archive.subject'],
        'It is a sound statement of another record: no evidence of this one.',
        ASK_AGAIN,
      ),
      failing(
        'fail',
        [
          'statement.subject',
          'statement.subjects',
          'statement.canonical',
          'statement.predicate',
          'statement.shape',
          'json.*',
        ],
        'Subject and content are not the same record’s, or more was signed than a record.',
        'Don’t rely on it: no honest program signs this.',
      ),
      failing(
        'unknown',
        ['statement.payload-type', 'statement.predicate', 'statement.detached', 'format.newer'],
        'What was signed is nothing that this program knows.',
        'Verify it with the program that made it, or with a newer version.',
      ),
      failing(
        'unknown',
        ['statement.unsigned-record'],
        'It states a record that no one signed when it ran.',
        'Take it for no more than an unsigned record.',
      ),
    ],
  },
  'log.entry': {
    title: 'The log’s entry',
    proves: 'That the logged digest, signature and key are this envelope’s.',
    not_proven: 'That a log holds it: that is `log.inclusion` and `log.checkpoint`.',
    relies_on: 'SHA-256.',
    failings: [
      failing(
        'fail',
        ['log.digest', 'log.signature', 'log.key', 'entry.*'],
        'The entry is another envelope’s, or malformed.',
        ASK_AGAIN,
      ),
      failing(
        'unknown',
        ['log.kind'],
        'The entry is of a kind that isn’t known here.',
        'Verify it with a newer version.',
      ),
    ],
  },
  'log.inclusion': {
    title: 'Inclusion in the log',
    proves: 'That the entry stands at its index in the tree whose root the checkpoint states.',
    not_proven: 'That anyone signed or saw that tree.',
    relies_on: 'SHA-256, as RFC 6962 builds trees with it.',
    failings: [
      failing(
        'fail',
        ['inclusion.*', 'log.root', 'log.index', 'log.integrated-time', 'note.*', 'checkpoint.*'],
        'Proof, index, size, root or time contradict each other.',
        ASK_AGAIN,
      ),
      missing,
    ],
  },
  'log.checkpoint': {
    title: 'The log’s signature',
    proves: 'That a log whose key you hold signed the tree; of a Rekor v1, also when it took the entry.',
    not_proven: 'Any date, where the log is the signer’s own; that the log shows everyone the same tree.',
    relies_on: 'The log’s key, in your policy or in the trusted root that it names.',
    failings: [
      failing(
        'fail',
        ['checkpoint.*', 'note.*', 'log.promise', 'log.window'],
        'The log didn’t sign this tree or this time, or signed with a key that wasn’t valid then.',
        ASK_AGAIN,
      ),
      failing(
        'unknown',
        ['log.unknown', 'log.algorithm'],
        'Your policy doesn’t know the log.',
        'Get the log’s key on a channel that you trust and put it under [[log]].',
      ),
      failing(
        'unknown',
        ['log.window'],
        'The log’s key was given up, and nothing shows that the entry is older.',
        'Ask for a time stamp, or for an entry in the log that followed.',
      ),
    ],
  },
  'log.witnesses': {
    title: 'Witnesses of the log',
    proves: 'That a quorum of the witnesses that you name cosigned that very tree, and by when.',
    not_proven: 'That the entry isn’t older; anything, if enough of the witnesses work together.',
    relies_on: 'The witnesses in your policy, their keys and their clocks.',
    failings: [
      failing(
        'fail',
        ['note.*', 'cosignature.*'],
        'A line claims to be a witness’s signature and is none.',
        ASK_AGAIN,
      ),
      failing(
        'unknown',
        ['witnesses.quorum'],
        'Fewer of your witnesses than you ask for have signed.',
        'Ask the signer to have the log cosigned and to bundle again.',
      ),
      missing,
    ],
    cli: '`qpoe log cosign` asks witnesses; then `qpoe bundle` again.',
  },
  'log.consistency': {
    title: 'One history',
    proves: 'Nothing by passing: it is shown only where it fails.',
    not_proven: 'That the log shows others what it shows here. An audit or witnesses do.',
    relies_on: 'SHA-256, as RFC 6962 builds trees with it.',
    failings: [
      failing(
        'fail',
        ['log.fork'],
        'One log signed two trees of one size: proof that whoever keeps it lied to someone.',
        'Keep both checkpoints and show them to others who use the log.',
      ),
    ],
    cli: '`qpoe log audit` follows a log over time.',
  },
  'time.stamp': {
    title: 'A time stamp',
    proves: 'That a time-stamping authority that you name saw this signature, and by when.',
    not_proven: 'That it isn’t older.',
    relies_on: 'The authority in your policy, its key and its clock.',
    failings: [
      failing(
        'fail',
        ['timestamp.*'],
        'The stamp is over something else, malformed, or not the authority’s.',
        ASK_AGAIN,
      ),
      failing(
        'unknown',
        ['timestamp.unchecked'],
        'It is there, and what checks time stamps doesn’t run here.',
        ELSEWHERE,
      ),
      failing(
        'unknown',
        ['timestamp.*'],
        'Your policy names no authority that vouches for it.',
        'Put the authority’s certificate under [[timestamp_authority]].',
      ),
    ],
  },
  'time.existed_by': {
    title: 'Existed by',
    proves: 'That the record existed by that time, on the word of others than its signer.',
    not_proven: 'When it ran, how old it is, or that it was late: existing things can always be shown later.',
    relies_on:
      'Whoever is named as the source: witnesses, a log with a clock, an authority or a pinned block.',
    failings: [
      failing(
        'unknown',
        ['time.too-early'],
        'Others date it before the record says that it was made: some clock is wrong, or the record’s own time.',
        'Compare the sources before you rely on any.',
      ),
      missing,
    ],
  },
  'anchor.header': {
    title: 'The block’s header',
    proves: 'That the header has this hash, number and time.',
    not_proven: 'That it is any chain’s: that is `anchor.block`.',
    relies_on: 'Keccak-256.',
    failings: [failing('fail', ['anchor.*'], 'It is no block’s header.', ASK_AGAIN)],
  },
  'anchor.receipt': {
    title: 'The transaction’s receipt',
    proves:
      'That the block holds a successful transaction in which the contract of your policy recorded this.',
    not_proven: 'That the contract’s code does what one thinks: your policy vouches for it.',
    relies_on: 'Keccak-256, and your policy’s word on contract and log.',
    failings: [
      failing(
        'fail',
        ['anchor.*'],
        'The receipt isn’t in the block, or its event isn’t what was anchored.',
        ASK_AGAIN,
      ),
      failing(
        'unknown',
        ['anchor.contract', 'anchor.log-id'],
        'Your policy doesn’t know the contract, or not this log in it.',
        'Get the contract and the log’s id on a channel that you trust and put them under [[chain]].',
      ),
    ],
    cli: '`qpoe policy add-chain` puts a contract into the policy.',
  },
  'anchor.root': {
    title: 'What was anchored',
    proves: 'That the anchored tree holds the entries here, or that the anchored hash is this record’s.',
    not_proven: 'That the block is a chain’s.',
    relies_on: 'SHA-256, as RFC 6962 builds trees with it.',
    failings: [
      failing(
        'fail',
        ['anchor.other-record', 'anchor.stray', 'anchor.consistency'],
        'Another record or another history was anchored.',
        ASK_AGAIN,
      ),
      failing(
        'unknown',
        ['anchor.unlogged', 'anchor.apart'],
        'Nothing leads from an entry here, in a log that you know, to the anchored tree.',
        'Put the log into your policy, or ask for a bundle with the proof between the two trees.',
      ),
    ],
  },
  'anchor.block': {
    title: 'The block',
    proves: 'That your policy pins this block as the chain’s, and so by when what it holds existed.',
    not_proven: 'Any time, on a local or development chain: whoever runs one sets its clock.',
    relies_on: 'Your policy, which pins the block’s hash.',
    failings: [
      failing(
        'unknown',
        ['anchor.unpinned'],
        'Your policy pins no such block.',
        'Get the block’s hash from nodes that you trust and pin it.',
      ),
      missing,
    ],
    cli: '`qpoe policy pin-block CHAIN NUMBER` asks nodes that you name, and pins what they agree on.',
  },
  'receipt.format': {
    title: 'The receipt’s form',
    proves: 'That the file holds AIIR receipts of a known version.',
    not_proven: 'Anything about what they say.',
    relies_on: 'Nobody.',
    failings: [
      failing('fail', ['receipt.*', 'cbor.*', 'statement.*'], 'It is no well-formed receipt.', ASK_AGAIN),
      NOT_STRICT,
      NEWER,
    ],
  },
  'receipt.hash': {
    title: 'The receipt’s hash',
    proves: 'That commit, authorship and id are what was hashed.',
    not_proven:
      'Who wrote it: anyone can write a receipt and hash it. Its timestamp and extensions are outside the hash.',
    relies_on: 'SHA-256.',
    failings: [
      failing(
        'fail',
        ['receipt.*', 'cbor.*'],
        'The receipt was changed.',
        'Make it again from the commit, if you have the repository.',
      ),
      failing(
        'unknown',
        ['receipt.sidecar'],
        'A CBOR sidecar holds the hashed part alone.',
        'Verify the JSON receipt that it belongs to.',
      ),
    ],
  },
  'receipt.signature': {
    title: 'The receipt’s signature',
    proves: 'That the holder of the key or certificate signed the whole receipt, extensions and all.',
    not_proven: 'That the declaration is true.',
    relies_on: 'The algorithm; with a certificate, the Sigstore root that your policy names.',
    failings: [
      failing(
        'fail',
        ['signature.invalid', 'signature.malformed'],
        'Receipt or signature was changed, or what lies beside the receipt is no signature.',
        ASK_AGAIN,
      ),
      failing(
        'unknown',
        ['signer.unknown', 'signature.detached'],
        'Your policy has no such key.',
        'Put the signer’s key or identity into your policy, with `receipt` among what it signs.',
      ),
      failing(
        'absent',
        ['signature.none'],
        'Integrity only: anyone could have written it.',
        'Ask for a signed receipt.',
      ),
      CERTIFICATE_FAILS,
      CERTIFICATE_UNCHECKED,
      CERTIFICATE_UNKNOWN,
      missing,
    ],
  },
  'receipt.signer': {
    title: 'The receipt’s signer',
    proves: 'That you named the key or identity, and let it vouch for receipts.',
    not_proven: 'That the declaration is true.',
    relies_on: 'Your policy.',
    failings: [SIGNER_UNKNOWN, SIGNER_WINDOW, SIGNER_SIGNS],
  },
  'receipt.subject': {
    title: 'What the receipt is about',
    proves:
      'That statement, receipt and, in a bundle, the record name one commit, and the record this receipt.',
    not_proven: 'That the commit is what ran: the record’s signer says so.',
    relies_on: 'The signer of the statement.',
    failings: [
      failing(
        'fail',
        ['receipt.record', 'receipt.commit'],
        'The receipt is of another record’s source, or of another commit.',
        ASK_AGAIN,
      ),
      failing(
        'fail',
        ['receipt.subject', 'statement.canonical'],
        'The statement isn’t about the receipt that it carries.',
        'Don’t rely on it: no honest program signs this.',
      ),
    ],
  },
  'binding.match': {
    title: 'The binding to the provider’s job',
    proves:
      'That the signed record binds the job that it says it is of to exactly the receipt’s statement that is here, and to the entry that a log you know holds of it.',
    not_proven:
      'That the provider knows of it, that its hardware ran it, or that the job ran that source: the provider signs nothing, and the job’s result is the importer’s word.',
    relies_on: 'The record’s signer, and the log’s key.',
    failings: [
      failing(
        'fail',
        ['binding.job', 'binding.provider'],
        'The binding is of another job or session than the record: it was taken from elsewhere.',
        ASK_AGAIN,
      ),
      failing(
        'fail',
        ['binding.receipt'],
        'Record and binding name two receipts.',
        'Don’t rely on it: no honest program signs this.',
      ),
      failing(
        'fail',
        ['binding.entry'],
        'The log holds this receipt’s statement elsewhere than the binding says.',
        ASK_AGAIN,
      ),
      failing(
        'unknown',
        ['binding.statement', 'binding.entry-missing'],
        'The receipt’s statement, or its entry in the log that is named, is not in this file.',
        ASK_SENDER,
      ),
      missing,
    ],
    cli: '`qpoe schema binding` prints its form.',
  },
  'binding.tags': {
    title: 'The job’s tags',
    proves: 'Nothing that the binding doesn’t: they are what an auditor at the provider finds.',
    not_proven:
      'Who set them, or when: anyone with access to the account can change or copy them, before and after the job ran. Nothing is decided by them.',
    relies_on: 'Nobody.',
    failings: [
      failing(
        'unknown',
        ['binding.tags-differ'],
        'The tags that the importer saw name another receipt or log entry than the signed binding.',
        'Ask the signer. They may have been changed by anyone with access, or copied from another job.',
      ),
      failing(
        'unknown',
        ['binding.tags-malformed'],
        'There are several tags of a kind, one without the other, or one that is cut.',
        'Ask the signer what the job was tagged with.',
      ),
      failing(
        'unknown',
        ['binding.tags-alone'],
        'The tags name a receipt, and the record is bound to none: they may be another job’s.',
        'Ask for a record with its binding inside.',
      ),
      failing(
        'absent',
        [],
        'The importer saw no tags of a binding.',
        'Nothing: the signed binding is the evidence.',
      ),
    ],
  },
  'order.declared_before_run': {
    title: 'Declared before it ran',
    proves:
      'That others saw the source’s receipt before the time at which the record says that the job was submitted or ran.',
    not_proven:
      'When it ran, or that it ran after: the run’s times are the signer’s word, of an imported job the provider’s as the signer repeats it. A tag shows no order: it may have been set later.',
    relies_on:
      'Whoever dated the receipt, and the recorder’s or provider’s clock, within your policy’s `skew`.',
    failings: [
      failing(
        'unknown',
        ['order.unknown'],
        'The receipt is dated after the claimed run. It may still be older: a time by which something existed is no birthday.',
        'Have receipts dated before you run.',
      ),
    ],
  },
};

/** In the order of the layers. */
export const EXPLANATIONS: readonly (Explanation & { readonly id: CheckId })[] = (
  Object.keys(CLAIMS) as CheckId[]
).map((id) => ({ id, claim: CLAIMS[id], ...TEXTS[id] }));

/** The explanation of a check; undefined where there is no such check. */
export function explain(id: string): (Explanation & { readonly id: CheckId }) | undefined {
  return EXPLANATIONS.find((one) => one.id === id);
}

/** What the catalogue says of this very way of not passing. */
export function failingOf({ status, code }: Check, { failings }: Explanation): Failing | undefined {
  const same = failings.filter((failing) => failing.status === status);
  return code === undefined
    ? same.find(({ codes }) => codes.length === 0)
    : same.find(({ codes }) => codes.some((known) => isCode(code, known)));
}

function isCode(code: string, known: string): boolean {
  return known.endsWith('.*') ? code.startsWith(known.slice(0, -1)) : code === known;
}
