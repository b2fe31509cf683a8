/** `README.md` of an archive: for whoever opens it without ever having heard of it. */

import { count } from '../core/count.ts';
import { doiUrl } from './doi-url.ts';
import type { Manifest } from './manifest.ts';
import { signerOf } from './signer-of.ts';

/** Markdown would act on some of what a title may hold. */
const plain = (text: string): string => text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>#|!]/g, '\\$&');

/** @param reproductions how many of others it holds */
export function readmeText(manifest: Omit<Manifest, 'files' | 'mediaType'>, reproductions: number): string {
  const { publication, figures, records, external, withheld, anonymous } = manifest;
  const { title, authors, license, date, doi } = publication;
  const named = authors.length === 0 ? 'Anonymous' : authors.map(({ name }) => plain(name)).join('; ');
  return `# ${plain(title)}

${named}. ${date}. ${license}.${doi === undefined ? '' : ` <${doiUrl(doi)}>`}

This archive holds the signed records of ${count(records.length, 'quantum execution')}: for each which circuit ran, on what, with which settings, when by the
signer's clock, and with which counts; and the signatures and proofs over it.

| figure | records |
| --- | --- |
${figures.map(({ name, records: own }) => `| ${name} | ${own.length} |`).join('\n')}${figures.length === 0 ? '| (none named) | |' : ''}

## Verify it

\`\`\`console
$ npx quantum-proof-of-execution verify FILE.zip --signer ${signerOf(manifest)}
\`\`\`

Take the fingerprint from the paper and not from here: whoever changed this file could change it too. Verification opens no connection.

## What is here

| file | holds |
| --- | --- |
| \`manifest.json\` | which records stand behind which figure, and the digest of every other file |
| \`manifest.p256.sigstore.json\`, \`manifest.ml-dsa-65.sigstore.json\` | two signatures over the manifest, as in-toto statements in Sigstore bundles |
| \`paper.txt\` | what the paper prints |
| \`bundles/\` | one evidence bundle a record: JSON, with the record, its statements and their proofs |
| \`circuits/\` | the circuits that the records name, under their SHA-256 |
${reproductions === 0 ? '' : `| \`reproductions/\` | what ${count(reproductions, 'other')} found who ran the records again, signed by them |\n`}| \`ro-crate-metadata.json\` | the same for other tools: a Process Run Crate |
| \`CITATION.cff\`, \`LICENSE\` | how to cite it, and what you may do with it |

${withheld.length === 0 ? '' : `Left out on purpose: ${withheld.map(plain).join(', ')}.\n\n`}${external.length === 0 ? '' : `${count(external.length, 'artifact')} of ${external.reduce((total, { size }) => total + size, 0)} bytes are handed over beside it, by their digests.\n\n`}${anonymous === undefined ? '' : 'It is signed by an identity that was made for this archive alone; who that is can be shown later.\n\n'}What it does not prove: that quantum hardware ran anything (a provider signs nothing), that no other run was made and discarded, that
what was signed was true.
`;
}
