/** What an archive is called, by whom it is and under which licence, as the person gives it. */

import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import { parseTime } from '../../core/time.ts';
import { DOI, LICENSE_ID, ORCID, type Publication } from '../../publish/manifest.ts';

export interface PublicationOptions {
  readonly title?: string;
  readonly author?: readonly string[];
  readonly license?: string;
  readonly description?: string;
  readonly doi?: string;
  readonly date?: string;
  readonly anonymous?: boolean;
}

/** @param today `YYYY-MM-DD` */
export async function describePublication(
  options: PublicationOptions,
  figures: readonly string[],
  today: string,
): Promise<Publication> {
  const {
    title = defaultTitle(figures),
    author = [],
    license,
    description,
    doi,
    date = today,
    anonymous,
  } = options;
  const lacks = [
    ...(license === undefined ? ['--license ID'] : []),
    ...(author.length === 0 && anonymous !== true ? ['--author NAME'] : []),
  ];
  if (lacks.length > 0)
    throw new QpoeError(
      'usage',
      `an archive needs ${lacks.join(' and ')}`,
      'for example --license CC-BY-4.0 --author "Lovelace, Ada"',
    );
  if (anonymous === true && author.length > 0)
    throw new QpoeError('usage', '--anonymous and --author contradict each other', 'leave the authors out');
  refuseText(title, '--title');
  if (description !== undefined) refuseText(description, '--description');
  if (parseTime(`${date}T00:00:00Z`) === undefined)
    throw new QpoeError('usage', `--date ${printable(date)} is no day`, 'give YYYY-MM-DD');
  return {
    title,
    authors: readAuthors(author),
    license: await readLicense(license!),
    date,
    ...(description === undefined ? {} : { description }),
    ...(doi === undefined ? {} : { doi: readDoi(doi) }),
  };
}

function defaultTitle(figures: readonly string[]): string {
  return `Records of quantum executions${figures.length === 0 ? '' : `: ${figures.join(', ')}`}`;
}

function refuseText(text: string, flag: string): void {
  if (text === '' || text.length > 4000 || printable(text, 4000) !== text)
    throw new QpoeError(
      'usage',
      `${flag} ${printable(text)} is no line of text`,
      'give up to 4,000 printable characters',
    );
}

/** `Lovelace, Ada` or `King, Jr., Martin Luther`, and after a semicolon the ORCID. */
function readAuthor(text: string): Publication['authors'][number] {
  const [name = '', id, ...more] = text.split(';').map((part) => part.trim());
  refuseText(name, '--author');
  const parts = name.split(',').map((part) => part.trim());
  if (more.length > 0 || parts.length > 3 || parts.includes(''))
    throw new QpoeError(
      'usage',
      `--author ${printable(text)} is not one author`,
      'give "Family, Given" or "Family, Suffix, Given", with "; ORCID" after it where there is one; each author in an --author of their own',
    );
  const orcid = id?.replace(/^https:\/\/orcid\.org\//, '');
  if (orcid !== undefined && !isOrcid(orcid))
    throw new QpoeError(
      'usage',
      `"${printable(orcid)}" is no ORCID`,
      'give 0000-0002-1825-0097 after "NAME; "',
    );
  return { name, ...(orcid === undefined ? {} : { orcid }) };
}

/** One person is one author: tools that read the archive know a person by the ORCID. */
function readAuthors(texts: readonly string[]): Publication['authors'] {
  const authors = texts.map(readAuthor);
  const orcids = authors.flatMap(({ orcid }) => orcid ?? []);
  const twice = orcids.find((orcid, at) => orcids.indexOf(orcid) !== at);
  if (twice === undefined) return authors;
  throw new QpoeError('usage', `two authors have the ORCID ${twice}`, 'give each author once');
}

/** Its last digit is a check digit (ISO 7064, MOD 11-2). */
function isOrcid(text: string): boolean {
  if (!ORCID.test(text)) return false;
  const digits = text.replaceAll('-', '');
  const total = [...digits.slice(0, -1)].reduce((sum, digit) => (sum + Number(digit)) * 2, 0);
  const check = (12 - (total % 11)) % 11;
  return digits.at(-1) === (check === 10 ? 'X' : String(check));
}

export function readDoi(text: string): string {
  const doi = text.replace(/^(?:https?:\/\/(?:dx\.)?doi\.org\/|doi:)/i, '');
  if (DOI.test(doi)) return doi;
  throw new QpoeError('usage', `--doi ${printable(text)} is no DOI`, 'give 10.PREFIX/SUFFIX');
}

/** An identifier of SPDX's list, as it is written there. */
async function readLicense(text: string): Promise<string> {
  const { default: ids } = await import('spdx-license-ids/index.json', { with: { type: 'json' } });
  const id = (ids as readonly string[]).find((known) => known.toLowerCase() === text.toLowerCase());
  if (id !== undefined && LICENSE_ID.test(id)) return id;
  throw new QpoeError(
    'usage',
    `--license ${printable(text)} is no licence identifier of SPDX`,
    'https://spdx.org/licenses lists them; CC-BY-4.0 and CC0-1.0 are usual for data',
  );
}
