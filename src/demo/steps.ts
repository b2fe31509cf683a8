/**
 * The demo's steps, as data: what someone does, what one expects, which checks must find it, and why. How it is told is left
 * to the command line and to pages.
 */

import { digestBytes } from '../core/digest.ts';
import type { CheckStatus, Outcome } from '../verify/check.ts';
import { backdate } from './backdate.ts';
import { withShotMoved } from './counts.ts';
import { forkLog } from './forked-log.ts';
import { plantPolicy } from './planted-policy.ts';
import {
  type Hand,
  type Hands,
  recordOf,
  rehash,
  type Sample,
  signAs,
  type Tampered,
  withBindingOf,
  withKey,
  withRecord,
  withSignature,
} from './sample.ts';
import { carryKey, editPredicates, restate } from './statements.ts';

export interface Reason {
  /** Of a check. */
  readonly id: string;
  readonly status: CheckStatus;
  /** The check's own, where it has one: the same check may fail for another reason. */
  readonly code?: string;
}

export interface Step {
  /** Stable. */
  readonly id: string;
  /** What is done, in one line. */
  readonly title: string;
  /** Which of the sample's bundles it starts from; `bundle`, if none is named. Without that one there is no such step. */
  readonly of?: keyof Sample;
  readonly expect: string;
  /** The verdict that must come, and the checks that must say so. No check but these may fail. */
  readonly must: { readonly verdict: Outcome; readonly because: readonly Reason[] };
  readonly why: string;
  readonly tamper: (sample: Sample, hands: Hands) => Tampered | Promise<Tampered>;
}

const YEAR_S = 365 * 86_400;
/** What the demo's policy calls its signer. */
export const SIGNER_NAME = 'DEMO';

const passes = (...ids: readonly string[]): readonly Reason[] => ids.map((id) => ({ id, status: 'pass' }));
const fails = (id: string, code: string): Reason => ({ id, status: 'fail', code });
const unknown = (id: string, code: string): Reason => ({ id, status: 'unknown', code });
const STRANGER: readonly Reason[] = [
  unknown('record.signer', 'signer.unknown'),
  unknown('statement.signature', 'signer.unknown'),
];

export const STEPS: readonly Step[] = [
  {
    id: 'verify',
    title: 'Verify the bundle as it came.',
    expect:
      'A pass: nothing was touched, and the policy knows the signer, the log, its witnesses and the block.',
    must: {
      verdict: 'pass',
      because: passes(
        'record.hash',
        'record.signature',
        'statement.signature',
        'log.inclusion',
        'log.witnesses',
        'anchor.root',
        'anchor.block',
      ),
    },
    why: 'Every layer leads to this one record: its hash, three signatures, a log entry that two witnesses saw, a block.',
    tamper: ({ bundle }) => ({ bundle }),
  },
  {
    id: 'change-count',
    title: 'Change a count: one shot is moved from the most frequent outcome to the rarest.',
    expect: 'A failure, though all counts still add up to the shots.',
    must: { verdict: 'fail', because: [fails('record.hash', 'hash.mismatch')] },
    why: 'The record carries the hash of everything that it says. One shot more or less is another hash.',
    tamper: ({ bundle }) => ({ bundle: withRecord(bundle, withShotMoved(recordOf(bundle))) }),
  },
  {
    id: 'rehash',
    title: 'Rehash it: the same change, and the record’s hash computed anew.',
    expect: 'A failure: anyone can compute a hash, and no one but the signer can sign it.',
    must: {
      verdict: 'fail',
      because: [
        fails('record.signature', 'signature.invalid'),
        fails('statement.subject', 'statement.record'),
      ],
    },
    why: 'The signature is over the old hash, and the signed statements state the old record.',
    tamper: ({ bundle }) => ({ bundle: withRecord(bundle, rehash(withShotMoved(recordOf(bundle)))) }),
  },
  {
    id: 're-sign',
    title:
      'Re-sign with another key: the changed record and its statements, hashed and signed by a stranger throughout.',
    expect: 'No failure, and no pass: nothing in it is broken, but it is a stranger’s.',
    must: { verdict: 'inconclusive', because: STRANGER },
    why: 'Anyone can make a bundle that is intact. Whose it is only your policy says, and it doesn’t know this key.',
    tamper: async ({ bundle }, { attacker }) => ({ bundle: await forge({ bundle }, attacker) }),
  },
  {
    id: 'own-key',
    title: 'Put one’s own key on another’s record: not a number is changed, only who signed.',
    expect: 'A failure: a result can’t be claimed by signing its hash again.',
    must: { verdict: 'fail', because: [fails('record.hash', 'hash.mismatch')] },
    why: 'The signer’s public key is part of what is hashed. With another key it is another record.',
    tamper: async ({ bundle }, { attacker }) => {
      const record = withKey(recordOf(bundle), attacker.record);
      const signature = await attacker.record.sign(digestBytes(record.record.hash));
      return { bundle: carryKey(withRecord(bundle, withSignature(record, signature)), attacker) };
    },
  },
  {
    id: 'predicate',
    title: 'Lie in the predicate: the record stays, its signed statements say other counts.',
    expect: 'A failure, though each statement’s subject is computed anew to fit.',
    must: { verdict: 'fail', because: [fails('statement.signature', 'signature.invalid')] },
    why: 'The signature is over the statement’s very bytes. With it goes the log entry, which is of the old bytes.',
    tamper: ({ bundle }) => ({ bundle: editPredicates(bundle, withShotMoved) }),
  },
  {
    id: 'forked-log',
    title:
      'Move it to a forked log: the signer and log operator replaces the record, with all keys of their own, in a second tree.',
    expect: 'No pass, though every signature and proof is genuine: the log shows others another history.',
    must: {
      verdict: 'fail',
      because: [fails('anchor.root', 'anchor.consistency'), unknown('log.witnesses', 'witnesses.quorum')],
    },
    why: 'The witnesses cosigned the first tree and never sign a second of its size, and the anchored root is the first one’s.',
    tamper: async ({ bundle }, hands) => {
      const record = await signAs(hands.signer, withShotMoved(recordOf(bundle)));
      return { bundle: await forkLog(bundle, record, hands) };
    },
  },
  {
    id: 'anchor',
    title:
      'Swap the anchor: a valid one of another record, in a block of the same chain that the policy pins.',
    expect: 'A failure: the block is real, and holds something else.',
    must: { verdict: 'fail', because: [fails('anchor.root', 'anchor.other-record')] },
    why: 'An anchor is compared with this record’s hash, or with the tree that its entry is in. A block alone says nothing.',
    tamper: ({ bundle, invented }) => ({
      bundle: { ...bundle, anchors: invented.anchors.filter(({ event }) => event === 'record') },
    }),
  },
  {
    id: 'backdate',
    title: 'Backdate it: the witnesses’ times and the block’s are set back by a year.',
    expect: 'A failure: others’ clocks can’t be set back by who holds the file.',
    must: {
      verdict: 'fail',
      because: [fails('log.witnesses', 'cosignature.invalid'), unknown('anchor.block', 'anchor.unpinned')],
    },
    why: 'A witness signs the time with the tree. A block’s time is in its hash: with another it is no block that the policy pins.',
    tamper: ({ bundle }) => ({ bundle: backdate(bundle, YEAR_S) }),
  },
  {
    id: 'planted-policy',
    title:
      'Plant a policy beside it: the stranger’s bundle, in a folder with a policy and settings that trust the stranger.',
    expect: 'The same as without: the signer is unknown to you.',
    must: { verdict: 'inconclusive', because: STRANGER },
    why: 'Trust comes from your home or from --policy, never from the evidence, its folder, the working directory or the store.',
    tamper: async ({ bundle }, { attacker }) => ({
      bundle: await forge({ bundle }, attacker),
      beside: plantPolicy(attacker, SIGNER_NAME),
    }),
  },
  {
    id: 'runtime',
    of: 'bound',
    title: 'Verify a Runtime job’s bundle: bound to its source’s receipt as it was submitted, then imported.',
    expect: 'A pass: job, receipt and log entry belong together, and the receipt was there before the job.',
    must: {
      verdict: 'pass',
      because: passes('binding.match', 'binding.tags', 'order.declared_before_run', 'receipt.signature'),
    },
    why: 'The signed record names all three. The job’s tags only point: the provider signs neither them nor the result.',
    tamper: ({ bound }) => ({ bundle: bound! }),
  },
  {
    id: 'copied-binding',
    of: 'retagged',
    title:
      'Copy a binding: the job’s signer puts that of the job before into this one’s record, and signs it anew.',
    expect: 'A failure, though every signature is genuine, and the receipt and its log entry are there.',
    must: { verdict: 'fail', because: [fails('binding.match', 'binding.job')] },
    why: 'A binding names its job. In the record of another it fails, whoever signs it.',
    tamper: async ({ bound, retagged }, { signer }) => {
      const record = await signAs(signer, withBindingOf(recordOf(bound!), recordOf(retagged!)));
      return { bundle: { ...(await restate(retagged!, record, signer)), anchors: [] } };
    },
  },
  {
    id: 'changed-tag',
    of: 'retagged',
    title:
      'Change a tag: at the provider, before the import, someone makes a job’s tag name another receipt.',
    expect: 'A pass, for what was signed belongs together; and the contradiction is told.',
    must: {
      verdict: 'pass',
      because: [unknown('binding.tags', 'binding.tags-differ'), ...passes('binding.match')],
    },
    why: 'Anyone with access changes tags, so they decide nothing. Which of the two is right the signer has to say.',
    tamper: ({ retagged }) => ({ bundle: retagged! }),
  },
  {
    id: 'invented',
    title:
      'Lie before signing: the signer invents counts, then signs, logs, has witnessed and anchors them like any others.',
    expect: 'A pass. This is the one that no verifier can see.',
    must: {
      verdict: 'pass',
      because: passes('record.signature', 'statement.signature', 'log.witnesses', 'anchor.block'),
    },
    of: 'invented',
    why: 'Evidence shows who said what and by when, and that no one changed it since. It can’t show that it was true.',
    tamper: ({ invented }) => ({ bundle: invented }),
  },
];

/** Consistent in itself, and no one's whom the reader knows. */
async function forge({ bundle }: Pick<Sample, 'bundle'>, attacker: Hand) {
  return restate(bundle, await signAs(attacker, withShotMoved(recordOf(bundle))), attacker);
}

/** What is beyond any verifier, said last. */
export const UNSEEN: readonly { readonly what: string; readonly why: string }[] = [
  {
    what: 'Lies told before signing',
    why: 'the last step passed. A signature makes someone answerable for a number; it doesn’t make the number right.',
  },
  {
    what: 'Runs that were discarded',
    why: 'a record says nothing of the runs before it, and a log holds only what was entered into it.',
  },
  {
    what: 'Whether quantum hardware ran it',
    why: 'a provider signs nothing. Job, backend and result are the signer’s word: an emulator’s passes like any other, and the Runtime jobs here are an emulator’s.',
  },
];
