/**
 * A publication as others cite it: BibTeX, RIS, CSL-JSON (citation-style-language/schema, `csl-data.json`) and CITATION.cff
 * (citation-file-format 1.2.0). Nothing here is verified: it is the signer's word on what to call the archive.
 */

import type { Digest } from '../core/digest.ts';
import type { JsonObject } from '../core/json.ts';
import { printable } from '../core/printable.ts';
import { doiUrl } from './doi-url.ts';
import type { Publication } from './manifest.ts';

export interface Cited {
  readonly publication: Publication;
  /** Of the manifest. */
  readonly digest: Digest;
  readonly signer: Digest;
}

export const CITATION_FORMATS = ['bibtex', 'ris', 'csl-json', 'cff'] as const;
export type CitationFormat = (typeof CITATION_FORMATS)[number];

const FORMATTERS: Readonly<Record<CitationFormat, (cited: Cited) => string>> = {
  bibtex: formatBibtex,
  ris: formatRis,
  'csl-json': formatCsl,
  cff: ({ publication }) => formatCff(publication),
};

export function formatCitation(format: CitationFormat, cited: Cited): string {
  return FORMATTERS[format]({ ...cited, publication: shown(cited.publication) });
}

/** A citation is printed: nothing that it says may act on a terminal, or show another order of letters. */
function shown(publication: Publication): Publication {
  const { title, description, authors } = publication;
  return {
    ...publication,
    title: printable(title, 4000),
    authors: authors.map((author) => ({ ...author, name: printable(author.name, 4000) })),
    ...(description === undefined ? {} : { description: printable(description, 4000) }),
  };
}

type Author = Publication['authors'][number];

/** `Family, Given`, `Family, Suffix, Given`, `Given Family`, or one name alone, which is a group's. */
interface PersonName {
  readonly family: string;
  readonly suffix?: string;
  readonly given?: string;
}

function splitName({ name }: Author): PersonName {
  const parts = name.split(/\s*,\s*/);
  // Of any other form nobody knows which is what: it stays whole.
  if (parts.length > 3 || parts.includes('')) return { family: name };
  const [family, second, third] = parts as [string, string?, string?];
  if (third !== undefined) return { family, suffix: second!, given: third };
  if (second !== undefined) return { family, given: second };
  const at = name.lastIndexOf(' ');
  return at < 0 ? { family: name } : { family: name.slice(at + 1), given: name.slice(0, at) };
}

/** Where the authors are withheld, styles still want a name. */
const authorsOf = ({ authors }: Publication): readonly Author[] =>
  authors.length === 0 ? [{ name: 'Anonymous' }] : authors;

const noteOf = ({ digest, signer }: Cited): string => `manifest ${digest}, signer ${signer}`;

const TEX: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
};

function tex(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\\~^]|[#$%&_{}]/g, (character) => TEX[character] ?? `\\${character}`);
}

function formatBibtex(cited: Cited): string {
  const { publication, digest } = cited;
  const { title, date, doi, license } = publication;
  const [year, month] = date.split('-');
  const fields: [string, string | undefined][] = [
    ['title', `{${tex(title)}}`],
    ['author', authorsOf(publication).map(texAuthor).join(' and ')],
    ['year', year],
    ['month', String(Number(month))],
    ['doi', doi === undefined ? undefined : texDoi(doi)],
    ['type', 'Data set'],
    ['note', `${tex(noteOf(cited))}, ${tex(license)}`],
  ];
  const lines = fields.flatMap(([name, text]) => (text === undefined ? [] : [`  ${name} = {${text}},`]));
  return `@misc{qpoe-${digest.slice('sha256:'.length, 'sha256:'.length + 12)},\n${lines.join('\n')}\n}\n`;
}

/** A group's name stands in braces, so that BibTeX doesn't split it; so does a part that holds its word between two authors. */
function texAuthor(author: Author): string {
  const { family, suffix, given } = splitName(author);
  if (given === undefined) return `{${tex(author.name)}}`;
  const parts = [family, suffix, given].filter((part) => part !== undefined);
  return parts.map((part) => (/(?:^|\s)and(?:\s|$)/i.test(part) ? `{${tex(part)}}` : tex(part))).join(', ');
}

/** Styles make the address of it as it stands: only what would end the field is written otherwise. */
const texDoi = (doi: string): string => doi.replace(/[{}\\]/g, encodeURIComponent);

/** RIS wants the suffix last. */
function risAuthor(author: Author): string {
  const { family, suffix, given } = splitName(author);
  return [family, given, suffix].filter((part) => part !== undefined).join(', ');
}

function formatRis(cited: Cited): string {
  const { publication } = cited;
  const { title, date, doi, description } = publication;
  const line = (tag: string, text: string | undefined): string[] =>
    text === undefined ? [] : [`${tag}  - ${text.replace(/\s+/g, ' ')}`];
  const lines = [
    ...line('TY', 'DATA'),
    ...line('TI', title),
    ...authorsOf(publication).flatMap((author) => line('AU', risAuthor(author))),
    ...line('PY', date.slice(0, 4)),
    ...line('DA', date.replaceAll('-', '/')),
    ...line('DO', doi),
    ...line('AB', description),
    ...line('N1', noteOf(cited)),
    'ER  - ',
  ];
  return `${lines.join('\r\n')}\r\n`;
}

function formatCsl(cited: Cited): string {
  const { publication, digest } = cited;
  const { title, date, doi, description } = publication;
  const item: JsonObject = {
    id: digest,
    type: 'dataset',
    title,
    author: authorsOf(publication).map((author) => cslName(author)),
    issued: { 'date-parts': [date.split('-').map(Number)] },
    ...(doi === undefined ? {} : { DOI: doi }),
    ...(description === undefined ? {} : { abstract: description }),
    note: noteOf(cited),
  };
  return `${JSON.stringify([item], null, 2)}\n`;
}

function cslName(author: Author): JsonObject {
  const { family, suffix, given } = splitName(author);
  if (given === undefined) return { literal: author.name };
  return { family, given, ...(suffix === undefined ? {} : { suffix }) };
}

/** JSON's strings are YAML's: nothing that a title holds can end one. */
const yaml = (text: string): string => JSON.stringify(text);

/** The signs that citation-file-format 1.2.0 allows in one. */
const CFF_DOI = /^10\.\d{4,9}(?:\.\d+)?\/[A-Za-z0-9:/_;\-.()[\]\\]+$/;

const cffDoi = (doi: string): string =>
  CFF_DOI.test(doi) ? `doi: ${yaml(doi)}` : `url: ${yaml(doiUrl(doi))}`;

export function formatCff(publication: Publication): string {
  const { title, date, license, doi, description } = publication;
  const optional = (name: string, text: string | undefined): string[] =>
    text === undefined ? [] : [`${name}: ${yaml(text)}`];
  return `${[
    'cff-version: 1.2.0',
    'message: "If you use this archive, please cite it."',
    'type: dataset',
    `title: ${yaml(title)}`,
    'authors:',
    ...authorsOf(publication).flatMap(cffAuthor),
    `date-released: ${yaml(date)}`,
    `license: ${yaml(license)}`,
    ...(doi === undefined ? [] : [cffDoi(doi)]),
    ...optional('abstract', description),
  ].join('\n')}\n`;
}

function cffAuthor(author: Author): string[] {
  const { family, suffix, given } = splitName(author);
  const name =
    given === undefined
      ? [`  - name: ${yaml(author.name)}`]
      : [
          `  - family-names: ${yaml(family)}`,
          `    given-names: ${yaml(given)}`,
          ...(suffix === undefined ? [] : [`    name-suffix: ${yaml(suffix)}`]),
        ];
  return author.orcid === undefined
    ? name
    : [...name, `    orcid: ${yaml(`https://orcid.org/${author.orcid}`)}`];
}
