/**
 * Makes an AIIR commit receipt (aiir SPEC.md 2.0, `aiir/commit_receipt.v2`) out of what git says and what a person declares.
 *
 *     {"type":"aiir.commit_receipt","schema":"aiir/commit_receipt.v2","version","commit","ai_attestation","provenance",
 *      "receipt_id":"g1-…","content_hash":"sha256:…","timestamp","extensions"}
 *
 * `content_hash` is over the first six, printed as Python's `json.dumps` prints them (section 6). `extensions` is not hashed:
 * only a signature over the whole receipt protects it. What a person declares therefore stands among the signals too.
 */

import { utf8 } from '../core/bytes.ts';
import { type Digest, digestOf } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import type { JsonObject } from '../core/json.ts';
import { parsePythonJson, pythonText } from '../core/python-json.ts';
import {
  type AiDeclaration,
  type AiSignals,
  DETECTION_METHOD,
  findAiSignals,
  type Trailer,
} from './declared-ai.ts';

export interface GitIdentity {
  readonly name: string;
  readonly email: string;
  /** Strict ISO 8601 with the person's own offset, as git prints it. */
  readonly date: string;
}

/** What git says of one commit, as text: bytes that aren't UTF-8 have become U+FFFD, as in the reference. */
export interface CommitFacts {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: GitIdentity;
  readonly committer: GitIdentity;
  readonly subject: string;
  /** The whole of it, subject and trailers too, without blanks around it. */
  readonly message: string;
  readonly trailers: readonly Trailer[];
  readonly diffHash: Digest;
  readonly files: readonly string[];
  /** Of `origin`, as git has it: it may hold passwords. */
  readonly remote: string | undefined;
  /** `diff_hash` is of what this git printed, asked in these words. */
  readonly git: { readonly version: string; readonly diffArguments: readonly string[] };
}

export interface ReceiptOptions {
  /** Of this package. */
  readonly version: string;
  /** RFC 3339, UTC. */
  readonly now: string;
  readonly declaration?: AiDeclaration | undefined;
}

export interface MadeReceipt {
  readonly receipt: JsonObject;
  /** As it is written to a file. */
  readonly text: string;
}

/** The format, not a tool: the published schema wants this prefix, and the reference implementation made none of this. */
const TOOL = 'https://github.com/invariant-systems-ai/aiir@spec-2.0.0';
const GENERATOR = 'qpoe.cli';
const MAX_FILES = 100;
const MAX_SUBJECT_LENGTH = 4096;
const MAX_IDENTITY_LENGTH = 1024;

/** @throws QpoeError `refused` where the format has no room for the commit */
export function makeReceipt(facts: CommitFacts, options: ReceiptOptions): MadeReceipt {
  checkLengths(facts);
  const core = {
    type: 'aiir.commit_receipt',
    schema: 'aiir/commit_receipt.v2',
    version: options.version,
    commit: describeCommit(facts),
    ai_attestation: attest(findAiSignals(facts.trailers, facts.author, facts.committer, options.declaration)),
    provenance: { repository: publicAddress(facts.remote), tool: TOOL, generator: GENERATOR },
  };
  const hash = hashCore(core);
  const receipt = {
    ...core,
    receipt_id: `g1-${hash.slice('sha256:'.length, 'sha256:'.length + 32)}`,
    content_hash: hash,
    timestamp: options.now,
    extensions: describeMaking(facts, options),
  };
  return { receipt, text: `${JSON.stringify(receipt, null, 2)}\n` };
}

function hashCore(core: JsonObject): Digest {
  return digestOf(utf8(pythonText(parsePythonJson(utf8(JSON.stringify(core))), true)));
}

function describeCommit(facts: CommitFacts): JsonObject {
  return {
    sha: facts.sha,
    tree_sha: facts.tree,
    parent_shas: facts.parents,
    author: describeIdentity(facts.author),
    committer: describeIdentity(facts.committer),
    subject: facts.subject,
    message_hash: digestOf(utf8(facts.message)),
    diff_hash: facts.diffHash,
    files_changed: facts.files.length,
    files: facts.files.slice(0, MAX_FILES),
    ...(facts.files.length > MAX_FILES ? { files_capped: true } : {}),
  };
}

/** The schema allows no other member. */
function describeIdentity({ name, email, date }: GitIdentity): JsonObject {
  return { name, email, date };
}

function attest({ ai, bot }: AiSignals): JsonObject {
  return {
    is_ai_authored: ai.length > 0,
    signals_detected: ai,
    signal_count: ai.length,
    is_bot_authored: bot.length > 0,
    bot_signals_detected: bot,
    bot_signal_count: bot.length,
    authorship_class: classify(ai.length > 0, bot.length > 0),
    detection_method: DETECTION_METHOD,
  };
}

/** aiir SPEC.md, section 4.2. */
function classify(isAi: boolean, isBot: boolean): string {
  if (isAi) return isBot ? 'ai+bot' : 'ai_assisted';
  return isBot ? 'bot' : 'human';
}

function describeMaking({ sha, git }: CommitFacts, { version, declaration }: ReceiptOptions): JsonObject {
  return {
    ...(declaration === undefined ? {} : { agent_attestation: describeDeclaration(declaration) }),
    qpoe: {
      generator: `quantum-proof-of-execution@${version}`,
      git: {
        version: git.version,
        object_format: sha.length === 64 ? 'sha256' : 'sha1',
        diff_arguments: git.diffArguments,
      },
    },
  };
}

/** Under the names that the reference's `--agent-tool` and `--agent-model` use. */
function describeDeclaration({ tool, model }: AiDeclaration): JsonObject {
  return {
    tool_id: tool,
    ...(model === undefined ? {} : { model_class: model }),
    confidence: 'declared',
    declared_by: 'the person who made this receipt',
  };
}

/** JSON Schema counts code points. The reference writes longer ones, which its own schema refuses. */
function checkLengths({ subject, author, committer }: CommitFacts): void {
  const fields: [string, string, number][] = [
    ["the message's first paragraph", subject, MAX_SUBJECT_LENGTH],
    ["the author's name", author.name, MAX_IDENTITY_LENGTH],
    ["the author's e-mail address", author.email, MAX_IDENTITY_LENGTH],
    ["the committer's name", committer.name, MAX_IDENTITY_LENGTH],
    ["the committer's e-mail address", committer.email, MAX_IDENTITY_LENGTH],
  ];
  for (const [what, text, limit] of fields) {
    const length = text.length > limit ? Array.from(text).length : text.length;
    if (length > limit)
      throw new QpoeError('refused', `${what} has ${length} characters; a receipt has room for ${limit}`);
  }
}

const URL_FORM =
  /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(?:[^/?#]*@)?((?:\[[0-9A-Fa-f:.]+\]|[^/?#@:[\]]+)(?::\d+)?)(\/[^?#]*)?(?:[?#]|$)/;
/** `user@host:path`. A host of one letter is a Windows drive; `name::address` is a remote helper's. */
const SCP_FORM = /^(?:([^@/\\]+)@)?([^@:/\\]{2,}):(?!:|\/\/)([^?#]+)/;

/**
 * The remote's address without what is no one else's business (aiir SPEC.md, section 5.1): user names, passwords, tokens,
 * queries and fragments. A folder of the person's own machine is no address at all.
 */
function publicAddress(remote: string | undefined): string | null {
  if (remote === undefined || /[\s\u0000-\u001f\u007f]/.test(remote)) return null;
  const address = urlAddress(remote) ?? scpAddress(remote);
  // What follows may then be the host, and what came before it a password with a slash or a hash in it.
  return address === undefined || /@/.test(remote.slice(remote.indexOf(address.host))) ? null : address.text;
}

interface Address {
  readonly host: string;
  readonly text: string;
}

function urlAddress(remote: string): Address | undefined {
  const [, scheme, host, path = ''] = URL_FORM.exec(remote) ?? [];
  if (scheme === undefined || host === undefined || scheme.toLowerCase() === 'file') return undefined;
  return { host: `${host}${path}`, text: `${scheme}://${host}${path}` };
}

/** `git@` is the account of every repository on the great hosts: it says nothing of anyone. */
function scpAddress(remote: string): Address | undefined {
  const [, user, host, path] = SCP_FORM.exec(remote) ?? [];
  if (host === undefined || path === undefined) return undefined;
  return { host: `${host}:${path}`, text: `${user === 'git' ? 'git@' : ''}${host}:${path}` };
}
