/**
 * Policies of transparency logs (https://c2sp.org/tlog-policy), as logs and witnesses publish them:
 *
 *     log <vkey> [<url>]
 *     witness <name> <vkey> [<url>]
 *     group <name> all|any|<k> <member>…         members: witnesses or groups of the lines above
 *     quorum <name>|none
 *
 * Ours is flat: so many of these witnesses. Nested groups are read where that says the same, and refused where it doesn't.
 */

import { type Bytes, fromUtf8, toHex } from '../core/bytes.ts';
import type { Fault, Read } from './fault.ts';
import { parseVkey, type Vkey } from './vkey.ts';

interface PolicyLog {
  /** Its name is the log's origin. */
  readonly vkey: Vkey;
  readonly url?: string;
}

interface PolicyWitness {
  readonly vkey: Vkey;
  readonly url?: string;
}

export interface TlogPolicy {
  readonly logs: readonly PolicyLog[];
  /** Those that count towards the quorum, in the order of the quorum's groups; others of the file are left out. */
  readonly witnesses: readonly PolicyWitness[];
  /** 0 where no cosignatures are asked for; there are no witnesses then. */
  readonly quorum: number;
}

/** `threshold` of these witnesses. */
interface Rule {
  readonly threshold: number;
  readonly witnesses: readonly PolicyWitness[];
}

/** What the lines so far define. */
interface Defined {
  readonly logs: PolicyLog[];
  /** Witnesses and groups share their names. A string says why a group is none of ours. */
  readonly names: Map<string, Rule | string>;
  /** Names that a group has taken: each may count in one place only. */
  readonly members: Set<string>;
  /** By kind and public key. */
  readonly keys: Set<string>;
  quorum?: Rule;
}

type Line = (items: readonly string[], defined: Defined) => string | undefined;

const MAX_BYTES = 1_000_000;
/** In a group, which keeps a list of them: of groups in groups that would be the square of them. */
const MAX_WITNESSES = 1_000;
/** All but tab and newline. Other octets are opaque. */
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/;

const LINES: Readonly<Record<string, Line>> = {
  log: defineLog,
  witness: defineWitness,
  group: defineGroup,
  quorum: defineQuorum,
};

export function parseTlogPolicy(bytes: Uint8Array): Read<TlogPolicy> {
  if (bytes.length > MAX_BYTES) return refuse(`longer than ${MAX_BYTES} bytes`, 'size');
  const text = fromUtf8(bytes);
  if (text === undefined) return refuse('not UTF-8', 'utf8');
  if (CONTROL.test(text)) return refuse('a control character', 'control');
  // What is cut off in its last line may ask for less than was meant.
  if (!text.endsWith('\n')) return refuse('the last line does not end in a newline', 'syntax');
  const defined: Defined = { logs: [], names: new Map(), members: new Set(), keys: new Set() };
  for (const [i, line] of text.slice(0, -1).split('\n').entries()) {
    const fault = readLine(line, defined);
    if (fault !== undefined) return refuse(`line ${i + 1}: ${fault}`, 'line');
  }
  if (defined.quorum === undefined) return refuse('no quorum line', 'quorum');
  const { threshold: quorum, witnesses } = defined.quorum;
  return { value: { logs: defined.logs, witnesses, quorum } };
}

function readLine(line: string, defined: Defined): string | undefined {
  const [keyword = '', ...items] = line.split(/[ \t]+/).filter((item) => item !== '');
  if (keyword === '' || keyword.startsWith('#')) return undefined;
  if (!Object.hasOwn(LINES, keyword)) return `begins with none of ${Object.keys(LINES).join(', ')}`;
  return LINES[keyword]!(items, defined);
}

function defineLog([text = '', url, ...more]: readonly string[], defined: Defined): string | undefined {
  if (more.length > 0) return 'not of the form: log VKEY [URL]';
  const { value: vkey, fault } = parseVkey(text);
  if (fault !== undefined) return fault;
  if (vkey.type !== 'ed25519') return `the key of a log is of type ed25519, not ${vkey.type}`;
  if (!addOnce(defined.keys, keyOf('log', vkey.publicKey))) return 'a log whose key stands above';
  defined.logs.push({ vkey, ...(url === undefined ? {} : { url }) });
  return undefined;
}

function defineWitness(
  [name = '', text = '', url, ...more]: readonly string[],
  defined: Defined,
): string | undefined {
  if (more.length > 0) return 'not of the form: witness NAME VKEY [URL]';
  const { value: vkey, fault } = parseVkey(text);
  if (fault !== undefined) return fault;
  if (vkey.type === 'ed25519') return 'the key of a log, not of a witness';
  // One witness under two names would be a quorum of two.
  if (!addOnce(defined.keys, keyOf('witness', vkey.publicKey))) return 'a witness whose key stands above';
  const witness = { vkey, ...(url === undefined ? {} : { url }) };
  return defineName(name, { threshold: 1, witnesses: [witness] }, defined);
}

function defineGroup(
  [name = '', count = '', ...members]: readonly string[],
  defined: Defined,
): string | undefined {
  const threshold = parseThreshold(count, members.length);
  if (threshold === undefined || members.length === 0)
    return 'not of the form: group NAME all|any|NUMBER MEMBER…';
  if (threshold > members.length) return `asks for ${threshold} of ${members.length} members`;
  const rules: (Rule | string)[] = [];
  for (const member of members) {
    const rule = defined.names.get(member);
    if (rule === undefined) return `${member} is not defined above`;
    if (!addOnce(defined.members, member)) return `${member} is a member already`;
    rules.push(rule);
  }
  return defineName(name, flatten(name, threshold, rules), defined);
}

function parseThreshold(text: string, members: number): number | undefined {
  if (text === 'any') return 1;
  if (text === 'all') return members;
  return /^[1-9][0-9]{0,5}$/.test(text) ? Number(text) : undefined;
}

/** The group as so many of all witnesses in it; or why it isn't that. */
function flatten(name: string, threshold: number, members: readonly (Rule | string)[]): Rule | string {
  const unread = members.find((member) => typeof member === 'string');
  if (unread !== undefined) return unread;
  const rules = members as readonly Rule[];
  if (rules.length === 1) return rules[0]!;
  const witnesses = rules.flatMap((rule) => rule.witnesses);
  if (witnesses.length > MAX_WITNESSES) return `group ${name} is of more than ${MAX_WITNESSES} witnesses`;
  const single = rules.every((rule) => rule.witnesses.length === 1);
  const any = threshold === 1 && rules.every((rule) => rule.threshold === 1);
  const all = threshold === rules.length && rules.every((rule) => rule.threshold === rule.witnesses.length);
  if (single || any) return { threshold, witnesses };
  if (all) return { threshold: witnesses.length, witnesses };
  return `group ${name} nests groups in a way that no "so many of these witnesses" says`;
}

function defineQuorum([name = '', ...more]: readonly string[], defined: Defined): string | undefined {
  if (more.length > 0) return 'not of the form: quorum NAME';
  if (defined.quorum !== undefined) return 'a second quorum line';
  const rule = name === 'none' ? { threshold: 0, witnesses: [] } : defined.names.get(name);
  if (rule === undefined) return `${name === '' ? 'the quorum' : name} is not defined above`;
  if (typeof rule === 'string') return rule;
  defined.quorum = rule;
  return undefined;
}

function defineName(name: string, rule: Rule | string, { names }: Defined): string | undefined {
  if (name === 'none') return 'none is no name for a witness or a group';
  if (names.has(name)) return `${name} is defined above`;
  names.set(name, rule);
  return undefined;
}

function addOnce(set: Set<string>, entry: string): boolean {
  if (set.has(entry)) return false;
  set.add(entry);
  return true;
}

function keyOf(kind: 'log' | 'witness', publicKey: Bytes): string {
  return `${kind} ${toHex(publicKey)}`;
}

function refuse(fault: string, code: string): Fault {
  return { fault, code: `tlog-policy.${code}` };
}
