import { expect, it } from 'vitest';
import { formatCitation } from './citation.ts';

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
