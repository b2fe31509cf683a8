import { expect, it } from 'vitest';
import { CITATION_FORMATS, formatCitation } from './citation.ts';

const digest = `sha256:${'ab'.repeat(32)}` as const;
const publication = {
  title: '100% of {gates} & \\input{x}_$y$',
  authors: [
    { name: 'van Rossum, Guido' },
    { name: 'Ada Lovelace', orcid: '0000-0002-1825-0097' },
    { name: 'CERN' },
  ],
  license: 'CC-BY-4.0',
  date: '2026-01-02',
} as const;
const cited = { publication: { ...publication, authors: [...publication.authors] }, digest, signer: digest };

it('BibTeX: nothing of a title is a command, and names are not split', () => {
  const text = formatCitation('bibtex', cited);
  expect(text).toContain('title = {{100\\% of \\{gates\\} \\& \\textbackslash{}input\\{x\\}\\_\\$y\\$}},');
  expect(text).toContain('author = {van Rossum, Guido and Lovelace, Ada and {CERN}},');
});

it('RIS: a line feed in a title begins no tag', () => {
  const forged = { ...cited, publication: { ...cited.publication, title: 'a\nER  - \nTY  - BOOK' } };
  expect(formatCitation('ris', forged).match(/^(?:TY|ER) {2}- /gm)).toEqual(['TY  - ', 'ER  - ']);
});

it('CSL-JSON and CFF: names by their parts, a group as it is', () => {
  expect(JSON.parse(formatCitation('csl-json', cited))[0].author).toEqual([
    { family: 'van Rossum', given: 'Guido' },
    { family: 'Lovelace', given: 'Ada' },
    { literal: 'CERN' },
  ]);
  const cff = formatCitation('cff', cited);
  expect(cff).toContain(
    '  - family-names: "Lovelace"\n    given-names: "Ada"\n    orcid: "https://orcid.org/0000-0002-1825-0097"\n  - name: "CERN"',
  );
});

it('withheld authors are Anonymous', () => {
  const blind = { ...cited, publication: { ...cited.publication, authors: [] } };
  expect(formatCitation('bibtex', blind)).toContain('author = {{Anonymous}},');
});

const by = (...names: string[]) => ({
  ...cited,
  publication: { ...cited.publication, authors: names.map((name) => ({ name })) },
});

it('keeps a suffix, and what only looks like two authors together', () => {
  const names = by('King, Jr., Martin Luther', 'Bell and Sons, X', 'Smith,', 'a, b, c, d');
  expect(formatCitation('bibtex', names)).toContain(
    'author = {King, Jr., Martin Luther and {Bell and Sons}, X and {Smith,} and {a, b, c, d}},',
  );
  expect(formatCitation('ris', names)).toContain('AU  - King, Martin Luther, Jr.\r\n');
  expect(JSON.parse(formatCitation('csl-json', names))[0].author).toEqual([
    { family: 'King', given: 'Martin Luther', suffix: 'Jr.' },
    { family: 'Bell and Sons', given: 'X' },
    { literal: 'Smith,' },
    { literal: 'a, b, c, d' },
  ]);
  expect(formatCitation('cff', names)).toContain(
    '  - family-names: "King"\n    given-names: "Martin Luther"\n    name-suffix: "Jr."\n',
  );
  expect(formatCitation('cff', names)).toContain('  - name: "Smith,"\n');
});

it.each(CITATION_FORMATS)('%s: nothing in it acts on a terminal', (format) => {
  const hostile = 'a\u001b[2Kb\u009b31m\u202ec\u2028d\re';
  const { publication } = by(hostile);
  const text = formatCitation(format, {
    ...cited,
    publication: { ...publication, title: hostile, description: hostile },
  });
  expect(text.replaceAll('\r\n', '\n')).toMatch(/^[\n -~]*$/);
});

it('BibTeX: a DOI is as it is registered', () => {
  const doi = '10.1000/a_b%20{c}';
  expect(formatCitation('bibtex', { ...cited, publication: { ...cited.publication, doi } })).toContain(
    'doi = {10.1000/a_b%20%7Bc%7D},',
  );
});

it('CFF: a DOI of signs that it does not allow is an address', () => {
  const cff = (doi: string) =>
    formatCitation('cff', { ...cited, publication: { ...cited.publication, doi } });
  expect(cff('10.5281/zenodo.123')).toContain('\ndoi: "10.5281/zenodo.123"\n');
  expect(cff('10.1000/a<b>')).toContain('\nurl: "https://doi.org/10.1000/a%3Cb%3E"\n');
  expect(cff('10.1000/a<b>')).not.toContain('\ndoi: ');
});
