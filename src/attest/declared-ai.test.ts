import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findAiSignals, readAiDeclaration } from './declared-ai.ts';

const ADA = { name: 'Ada', email: 'ada@example.org' };
const ofTrailer = (line: string) => {
  const [key, value] = line.split(/: ?(.*)/s) as [string, string];
  return findAiSignals([{ key, value }], ADA, ADA, undefined).ai;
};
const ofAuthor = (name: string, email: string) => findAiSignals([], { name, email }, ADA, undefined);

describe('a trailer', () => {
  it.each([
    ['Co-authored-by: Claude <noreply@anthropic.com>', 'claude'],
    ['Co-Authored-By: Claude Opus 4.5 (1M context) <noreply@anthropic.com>', 'claude'],
    ['Co-authored-by: Claude Code', 'claude'],
    ['co-authored-by: Claude', 'claude'],
    ['Co-authored-by: Copilot <198982749+Copilot@users.noreply.github.com>', 'copilot'],
    ['Co-authored-by: GitHub Copilot <noreply@github.com>', 'copilot'],
    ['Co-authored-by: Cursor <cursoragent@cursor.com>', 'cursor'],
    ['Co-authored-by: aider (gpt-4o) <noreply@aider.chat>', 'aider'],
    ['Co-authored-by: aider (openrouter/some model) <x@example.org>', 'aider'],
    ['Co-authored-by: ChatGPT 4o', 'chatgpt'],
    ['Co-authored-by: Codex <noreply@openai.com>', 'codex'],
    [
      'Co-authored-by: devin-ai-integration[bot] <158243242+devin-ai-integration[bot]@users.noreply.github.com>',
      'devin',
    ],
    [
      'Co-authored-by: google-labs-jules[bot] <161369871+google-labs-jules[bot]@users.noreply.github.com>',
      'jules',
    ],
    ['Co-authored-by: Amazon Q Developer <x@example.org>', 'amazon-q'],
  ])('that names a known tool as co-author is a declaration: %s', (line, tool) => {
    expect(ofTrailer(line)).toEqual([`trailer:co-authored-by:${tool}`]);
  });

  it.each([
    'Co-authored-by: Claude Monet <claude@example.fr>',
    'Co-authored-by: Claude <claude@example.fr>',
    'Co-authored-by: Devin Smith <devin@example.org>',
    'Co-authored-by: Gemini Ganesan <gemini@example.org>',
    'Co-authored-by: Jane Doe <jane@anthropic.com>',
    'Co-authored-by: constructor <toString@example.org>',
    'Co-authored-by: __proto__ <__proto__>',
    'Reviewed-by: Claude <noreply@anthropic.com>',
    'Signed-off-by: GitHub Copilot <noreply@github.com>',
    'AI-Assisted: no',
    'AI-Assisted: None ',
    'Generated-by:',
  ])('that names a person, or denies it, is none: %s', (line) => {
    expect(ofTrailer(line)).toEqual([]);
  });

  it.each(['AI-Assisted: yes', 'Assisted-by: x', 'GENERATED-BY: protoc', 'AI-Model: m', 'Copilot: yes'])(
    'that is about AI by its key is one, without its value: %s',
    (line) => {
      expect(ofTrailer(line)).toEqual([`trailer:${line.split(':')[0]!.toLowerCase()}`]);
    },
  );

  it('given twice counts once', () => {
    const trailer = { key: 'Assisted-by', value: 'x' };
    expect(findAiSignals([trailer, trailer], ADA, ADA, undefined).ai).toEqual(['trailer:assisted-by']);
  });
});

describe('an account', () => {
  it('that ends in [bot] says that it is one', () => {
    const email = '49699333+dependabot[bot]@users.noreply.github.com';
    expect(ofAuthor('dependabot[bot]', email)).toEqual({ ai: [], bot: ['author:[bot]'] });
    expect(ofAuthor('Dependabot', email)).toEqual({ ai: [], bot: ['author:[bot]'] });
    expect(ofAuthor('I, [bot] Robot', 'robot@example.org')).toEqual({ ai: [], bot: [] });
  });

  it('of a known tool says so, as author and as committer', () => {
    expect(ofAuthor('copilot-swe-agent[bot]', '')).toEqual({ ai: ['author:copilot'], bot: ['author:[bot]'] });
    const claude = { name: 'Claude', email: 'noreply@anthropic.com' };
    expect(findAiSignals([], claude, claude, undefined)).toEqual({
      ai: ['author:claude', 'committer:claude'],
      bot: [],
    });
  });
});

describe('what a person declares', () => {
  it('is read with or without a model', () => {
    expect(readAiDeclaration('tool=claude-code,model=claude-opus-4.5')).toEqual({
      tool: 'claude-code',
      model: 'claude-opus-4.5',
    });
    expect(readAiDeclaration(' model = m 1 , tool = t ')).toEqual({ tool: 't', model: 'm 1' });
    expect(readAiDeclaration('tool=a=b')).toEqual({ tool: 'a=b' });
  });

  it('stands among the signals as declared by a person', () => {
    const signals = (text: string) => findAiSignals([], ADA, ADA, readAiDeclaration(text)).ai;
    expect(signals('tool=t,model=m')).toEqual(['declared-by-person:tool=t,model=m']);
    expect(signals('tool=t')).toEqual(['declared-by-person:tool=t']);
  });

  it.each([
    '',
    'tool',
    'tool=',
    'model=m',
    'tool=a,tool=b',
    'tool=a,',
    'tool=a,who=me',
    'tool=a  b',
    'tool=a\u202eb',
    'tool=\ud800',
    'tool=a\nb',
    `tool=${'x'.repeat(201)}`,
  ])('is refused where it is not a declaration: %j', (text) => {
    expect(() => readAiDeclaration(text)).toThrow(
      expect.objectContaining({ code: 'usage', hint: expect.stringContaining('tool=NAME') }),
    );
  });
});

it('any account and trailer is judged without an error, and quickly', () => {
  const account = fc.record({ name: fc.string({ unit: 'binary' }), email: fc.string({ unit: 'binary' }) });
  const trailer = fc.record({
    key: fc.constantFrom('Co-authored-by', 'x'),
    value: fc.string({ unit: 'binary' }),
  });
  fc.assert(
    fc.property(account, fc.array(trailer), (author, trailers) => {
      const { ai, bot } = findAiSignals(trailers, author, author, undefined);
      expect(ai.length + bot.length).toBeLessThan(trailers.length + 5);
    }),
  );
  const start = performance.now();
  for (const text of ['<'.repeat(1e6), ' '.repeat(1e6), `claude ${'(a '.repeat(3e5)}`, '1'.repeat(1e6)])
    findAiSignals([{ key: 'Co-authored-by', value: text }], { name: text, email: text }, ADA, undefined);
  expect(performance.now() - start).toBeLessThan(2000);
});
