import { expect, it } from 'vitest';
import { readmeText } from './readme.ts';

it('a DOI is an address and nothing else, whatever it holds', () => {
  const publication = {
    title: 'T',
    authors: [],
    license: 'MIT',
    date: '2026-01-02',
    doi: '10.1000/a)<script>[x](y)_*`',
  };
  const text = readmeText({ publication, keys: [], figures: [], records: [], external: [], withheld: [] }, 0);
  expect(text).toContain('<https://doi.org/10.1000/a)%3Cscript%3E%5Bx%5D(y)_%2A%60>\n');
});
