// What people read: annotations and the job's summary. Paths and headlines come out of the change under test, whose author may be the attacker.

import { appendFileSync } from 'node:fs';

const MOST_CHARACTERS = 500;
const MOST_ANNOTATIONS = 10;
const MOST_ROWS = 500;

/** One line without controls, bidi marks, or the runner's old command prefix, which it looks for anywhere in a line. */
function clean(text) {
  const line = text.replaceAll(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0).toString(16)}}`,
  );
  const kept = line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)}…` : line;
  return kept.replaceAll('##[', '## [');
}

// https://docs.github.com/actions/reference/workflow-commands-for-github-actions; `%` first, or it would escape the escapes.
const data = (text) => clean(text).replaceAll('%', '%25');
const property = (text) => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/** A workflow command. @param level error, warning or notice */
export function annotate(level, message, path) {
  const place = path === undefined ? '' : ` file=${property(path)}`;
  process.stdout.write(`::${level}${place}::${data(message)}\n`);
}

/** The runner shows ten of a kind: the last says how many there are. */
export function annotateAll(level, findings) {
  for (const { message, path } of findings.slice(0, MOST_ANNOTATIONS - 1)) annotate(level, message, path);
  const more = findings.length - (MOST_ANNOTATIONS - 1);
  if (more > 0) annotate(level, `and ${more} more: the summary of the job has them`);
}

/** Every sign that Markdown or HTML could read as something, as a character reference. */
const text = (words) =>
  clean(words).replaceAll(/[^\p{L}\p{N} ]/gu, (character) => `&#${character.codePointAt(0)};`);

export function writeSummary(file, { title, facts, rows }) {
  if (!file) return;
  const lines = [
    `## ${text(title)}`,
    '',
    ...facts.map((fact) => `- ${text(fact)}`),
    '',
    '| | file | verdict |',
    '| --- | --- | --- |',
    ...rows
      .slice(0, MOST_ROWS)
      .map(({ ok, path, headline }) => `| ${ok ? '✅' : '❌'} | ${text(path)} | ${text(headline)} |`),
    ...(rows.length > MOST_ROWS ? ['', `… and ${rows.length - MOST_ROWS} more.`] : []),
    '',
    'Not proven by a pass: that quantum hardware ran it; that no other run was made and discarded; that what was signed was true.',
    '',
  ];
  appendFileSync(file, lines.join('\n'));
}
