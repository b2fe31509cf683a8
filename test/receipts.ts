/** A receipt to take apart, with the hashes that are right for whatever it was made into. */

import { createHash } from 'node:crypto';
import { utf8 } from '../src/core/bytes.ts';
import { parsePythonJson, pythonText } from '../src/core/python-json.ts';

type Json = Record<string, unknown>;

export function aReceipt(): Json {
  const person = { name: 'Ada Lovelace ✓', email: 'ada@example.org', date: '2026-03-09T00:00:00Z' };
  return {
    type: 'aiir.commit_receipt',
    schema: 'aiir/commit_receipt.v2',
    version: '1.2.5',
    commit: {
      sha: 'a'.repeat(40),
      tree_sha: 'b'.repeat(40),
      parent_shas: ['c'.repeat(40)],
      author: person,
      committer: person,
      subject: 'first',
      message_hash: `sha256:${'1'.repeat(64)}`,
      diff_hash: `sha256:${'2'.repeat(64)}`,
      files_changed: 1,
      files: ['notes.md'],
    },
    ai_attestation: {
      is_ai_authored: true,
      signals_detected: ['co-authored-by: copilot'],
      signal_count: 1,
      is_bot_authored: false,
      bot_signals_detected: [],
      bot_signal_count: 0,
      authorship_class: 'ai_assisted',
      detection_method: 'heuristic_v2',
    },
    provenance: {
      repository: 'https://example.org/repo',
      tool: 'https://github.com/invariant-systems-ai/aiir@1.2.5',
      generator: 'aiir.cli',
    },
    timestamp: '2026-03-09T00:00:00Z',
    extensions: {
      agent_attestation: { tool_id: 'copilot', model_class: 'a-model', confidence: 'declared' },
    },
  };
}

const CORE = ['ai_attestation', 'commit', 'provenance', 'schema', 'type', 'version'];

/** As anyone can: a receipt without a signature is no more than this. */
export function stamped(receipt: Json): Json {
  const core = Object.fromEntries(
    CORE.filter((name) => name in receipt).map((name) => [name, receipt[name]]),
  );
  const text = pythonText(
    parsePythonJson(utf8(JSON.stringify(core)), { bytes: 1e8, depth: 100, items: 1e6 }),
    true,
  );
  const hex = createHash('sha256').update(text).digest('hex');
  return { ...receipt, content_hash: `sha256:${hex}`, receipt_id: `g1-${hex.slice(0, 32)}` };
}
