/**
 * What a commit and its committer declare about AI: detection method `qpoe_declared_v1` of AIIR receipts (aiir SPEC.md,
 * section 4).
 *
 * Only declarations count: trailers, and accounts that say what they are. A message's prose and the diff are not looked at.
 * A signal names the place and, where it is one of a public list, the tool; never what else stands in a trailer.
 *
 *     Co-authored-by: Claude Opus 4.5 <noreply@anthropic.com>   trailer:co-authored-by:claude
 *     Assisted-by: an internal tool                             trailer:assisted-by
 *     author "copilot-swe-agent[bot]"                           author:copilot, and the bot signal author:[bot]
 *     --declare-ai tool=cursor,model=gpt-5                      declared-by-person:tool=cursor,model=gpt-5
 */

import { QpoeError } from '../core/error.ts';

export const DETECTION_METHOD = 'qpoe_declared_v1';

export interface Trailer {
  readonly key: string;
  readonly value: string;
}

export interface Account {
  readonly name: string;
  /** Empty where there is none. */
  readonly email: string;
}

/** What the person who makes the receipt says. */
export interface AiDeclaration {
  readonly tool: string;
  readonly model?: string;
}

export interface AiSignals {
  readonly ai: readonly string[];
  readonly bot: readonly string[];
}

const AI_TRAILERS: readonly string[] = ['ai-assisted', 'ai-model', 'assisted-by', 'copilot', 'generated-by'];
/** `AI-Assisted: no` declares the opposite. */
const DENIALS: readonly string[] = ['', 'no', 'none', 'false', 'n/a'];

export function findAiSignals(
  trailers: readonly Trailer[],
  author: Account,
  committer: Account,
  declaration: AiDeclaration | undefined,
): AiSignals {
  const ai = [
    ...trailers.map(trailerSignal),
    accountSignal('author', author),
    accountSignal('committer', committer),
    declaration === undefined ? undefined : `declared-by-person:${printDeclaration(declaration)}`,
  ];
  const bot = [botSignal('author', author), botSignal('committer', committer)];
  return { ai: distinct(ai), bot: distinct(bot) };
}

function distinct(signals: readonly (string | undefined)[]): string[] {
  return [...new Set(signals.filter((signal) => signal !== undefined))];
}

function trailerSignal({ key, value }: Trailer): string | undefined {
  const name = key.trim().toLowerCase();
  if (name === 'co-authored-by') return signalOf('trailer:co-authored-by', findAiTool(readAccount(value)));
  if (!AI_TRAILERS.includes(name) || DENIALS.includes(value.trim().toLowerCase())) return undefined;
  return `trailer:${name}`;
}

function accountSignal(role: string, account: Account): string | undefined {
  return signalOf(role, findAiTool(account));
}

function signalOf(place: string, tool: string | undefined): string | undefined {
  return tool === undefined ? undefined : `${place}:${tool}`;
}

/** GitHub ends the names of apps so, and lets no person take such a name. */
function botSignal(role: string, { name, email }: Account): string | undefined {
  return name.endsWith('[bot]') || email.includes('[bot]@') ? `${role}:[bot]` : undefined;
}

function readAccount(value: string): Account {
  const open = value.lastIndexOf('<');
  if (open < 0) return { name: value, email: '' };
  const close = value.indexOf('>', open);
  return { name: value.slice(0, open), email: value.slice(open + 1, close < 0 ? value.length : close) };
}

const TOOLS_BY_EMAIL: Readonly<Record<string, string>> = {
  'aider@aider.chat': 'aider',
  'amp@ampcode.com': 'amp',
  'codex@openai.com': 'codex',
  'copilot@github.com': 'copilot',
  'cursoragent@cursor.com': 'cursor',
  'noreply@aider.chat': 'aider',
  'noreply@anthropic.com': 'claude',
  'noreply@openai.com': 'codex',
  'noreply@opencode.ai': 'opencode',
};

/** By name, as `words` leaves it; what may follow one is a model or a version, so that no "Gemini Ganesan" is a tool. */
const TOOLS_BY_NAME: Readonly<Record<string, string>> = {
  aider: 'aider',
  'amazon codewhisperer': 'codewhisperer',
  'amazon q': 'amazon-q',
  'bolt new': 'bolt',
  chatgpt: 'chatgpt',
  claude: 'claude',
  codeium: 'codeium',
  coderabbit: 'coderabbit',
  coderabbitai: 'coderabbit',
  codestral: 'codestral',
  codewhisperer: 'codewhisperer',
  codex: 'codex',
  'continue dev': 'continue',
  copilot: 'copilot',
  cursor: 'cursor',
  devin: 'devin',
  gemini: 'gemini',
  'github copilot': 'copilot',
  'gitlab duo': 'gitlab-duo',
  'google gemini': 'gemini',
  'google labs jules': 'jules',
  gpt: 'gpt',
  'jetbrains ai': 'jetbrains-ai',
  'jetbrains junie': 'junie',
  lovable: 'lovable',
  'openai codex': 'codex',
  opencode: 'opencode',
  'replit agent': 'replit',
  'sourcegraph cody': 'cody',
  supermaven: 'supermaven',
  tabnine: 'tabnine',
  windsurf: 'windsurf',
};
/** People are called so too. */
const GIVEN_NAMES: readonly string[] = ['claude', 'devin'];
const QUALIFIER =
  /^(?:v?\d\S*|agent|ai|app|assist|assistant|bot|chat|cli|cloud|code|coding|developer|flash|haiku|integration|mini|o\d|opus|pro|sonnet|swe|via|\(.*)$/;

function findAiTool({ name, email }: Account): string | undefined {
  const address = email.trim().toLowerCase();
  const bot = /^(?:\d+\+)?([^@]+)\[bot\]@/.exec(address)?.[1];
  const byEmail = Object.hasOwn(TOOLS_BY_EMAIL, address) ? TOOLS_BY_EMAIL[address] : undefined;
  return (
    byEmail ?? toolCalled(name, address === '') ?? (bot === undefined ? undefined : toolCalled(bot, true))
  );
}

/** @param known whether nothing speaks for a person of that name */
function toolCalled(name: string, known: boolean): string | undefined {
  const isBot = /\[bot\]\s*$/.test(name);
  const parts = words(name);
  for (let length = Math.min(parts.length, 3); length > 0; length--) {
    const called = parts.slice(0, length).join(' ');
    if (!Object.hasOwn(TOOLS_BY_NAME, called)) continue;
    const rest = parts.slice(length);
    if (!isQualified(rest)) return undefined;
    if (rest.length === 0 && GIVEN_NAMES.includes(called) && !known && !isBot) return undefined;
    return TOOLS_BY_NAME[called];
  }
  return undefined;
}

/** What follows an opening bracket is the model: `aider (gpt-4o)`. */
function isQualified(rest: readonly string[]): boolean {
  const bracket = rest.findIndex((word) => word.startsWith('('));
  return rest.slice(0, bracket < 0 ? rest.length : bracket).every((word) => QUALIFIER.test(word));
}

/** A longer name is no tool's. */
const MAX_NAME_LENGTH = 200;

function words(name: string): string[] {
  if (name.length > MAX_NAME_LENGTH) return [];
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\[bot\]\s*$/, '')
    .split(/[\s._-]+/)
    .filter((word) => word !== '');
}

/** Letters, digits, marks and single spaces: a declaration is printed, and hashed. */
const DECLARED = /^(?! )(?:(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}\p{P}\p{S}]| (?! )){1,200}(?<! )$/u;

/**
 * Reads `tool=claude-code,model=claude-opus-4.5`; the model may be left out.
 * @throws QpoeError `usage`
 */
export function readAiDeclaration(text: string): AiDeclaration {
  const members = new Map<string, string>();
  for (const part of text.split(',')) {
    const equals = part.indexOf('=');
    const name = part.slice(0, Math.max(equals, 0)).trim();
    const value = part.slice(equals + 1).trim();
    if (!['tool', 'model'].includes(name) || members.has(name) || !DECLARED.test(value))
      throw notDeclaration(part);
    members.set(name, value);
  }
  const [tool, model] = [members.get('tool'), members.get('model')];
  if (tool === undefined) throw notDeclaration(text);
  return { tool, ...(model === undefined ? {} : { model }) };
}

function notDeclaration(part: string): QpoeError {
  return new QpoeError(
    'usage',
    `${JSON.stringify(part.slice(0, 80))} does not declare an AI tool`,
    'write tool=NAME, or tool=NAME,model=NAME; a name has 1 to 200 printable characters and no comma',
  );
}

function printDeclaration({ tool, model }: AiDeclaration): string {
  return model === undefined ? `tool=${tool}` : `tool=${tool},model=${model}`;
}
