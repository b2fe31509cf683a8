/**
 * What makes a policy useless, or weaker than it reads: demands that nothing in it can meet, trust that can't be judged. A policy
 * that asks for what it can't check passes nothing, and one that asks for little passes more than its person may think.
 */

import { equalBytes, fromBase64 } from '../core/bytes.ts';
import { parseVkey } from '../tlog/vkey.ts';
import { isDevelopment } from './anchor-checks.ts';
import { requireFindings } from './lint-demands.ts';
import { signerFindings } from './lint-signers.ts';
import type { Policy } from './policy.ts';
import { isPinned, isWitnessed } from './policy-dates.ts';
import { note, only, type PolicyFacts, type PolicyFinding, warning } from './policy-finding.ts';

/** Warnings first. */
export function lintPolicy(policy: Policy, facts: PolicyFacts): readonly PolicyFinding[] {
  const findings = [
    ...fileFindings(facts),
    ...signerFindings(policy, facts),
    ...requireFindings(policy, facts),
    ...logFindings(policy, facts),
    ...chainFindings(policy),
  ];
  return findings.toSorted((a, b) => Number(a.level === 'note') - Number(b.level === 'note'));
}

function fileFindings({ faults }: PolicyFacts): PolicyFinding[] {
  return [...faults].map(([name, fault]) =>
    warning('file.unusable', fault, `put the file there, or take "${name}" out`),
  );
}

type Log = NonNullable<Policy['log']>[number];

function logFindings(policy: Policy, { clocks, faults }: PolicyFacts): PolicyFinding[] {
  return (policy.log ?? []).flatMap((log) => {
    const { vkey, trusted_root: root, witnesses = [], quorum = witnesses.length } = log;
    const name = root ?? parseVkey(vkey!).value!.name;
    const dated = isWitnessed(log) || (root !== undefined && (clocks.has(root) || faults.has(root)));
    return [
      ...only(
        !dated,
        note(
          'log.unwitnessed',
          `log ${name}: no one else has seen it, so it proves no date`,
          root === undefined ? 'add witnesses: qpoe policy add-log VKEY --witness VKEY' : 'it has no clock',
        ),
      ),
      ...only(
        quorum === 1 && witnesses.length > 1,
        note(
          'log.quorum-one',
          `log ${name}: one of its ${witnesses.length} witnesses is enough, whichever it is`,
          'raise its quorum, so that no one of them can lie alone',
        ),
      ),
      ...selfWitnessed(log, name, policy),
    ];
  });
}

/** Whoever keeps the log could see it too, at any time they like. */
function selfWitnessed(
  { vkey, witnesses = [] }: Log,
  name: string,
  { signer = [] }: Policy,
): PolicyFinding[] {
  const own = [
    ...(vkey === undefined ? [] : [parseVkey(vkey).value!.publicKey]),
    ...signer.flatMap(({ ed25519 }) => (ed25519 === undefined ? [] : [fromBase64(ed25519)!])),
  ];
  return witnesses
    .map((text) => parseVkey(text).value!)
    .filter(({ publicKey }) => own.some((key) => equalBytes(key, publicKey)))
    .map((witness) =>
      warning(
        'log.own-witness',
        `log ${name}: its witness ${witness.name} has the key of the log or of a signer`,
        'a witness must be someone else',
      ),
    );
}

function chainFindings({ chain = [] }: Policy): PolicyFinding[] {
  return chain.flatMap((one) => [
    ...only(
      !isPinned(one),
      note(
        'chain.no-blocks',
        `chain ${one.name}: no block is pinned, so every anchor in it is unknown`,
        `qpoe policy pin-block ${one.name} NUMBER`,
      ),
    ),
    ...only(
      one.log_id === undefined,
      note(
        'chain.any-log',
        `chain ${one.name}: without a log_id its anchors show existence only, not whose log it is`,
        'name the log: qpoe policy add-chain --origin … --account …',
      ),
    ),
    ...only(
      isDevelopment(one),
      note(
        'chain.local',
        `chain ${one.name}: whoever runs it sets its clock, so it dates nothing`,
        'use it to try anchors out',
      ),
    ),
  ]);
}
