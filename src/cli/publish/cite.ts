/** `qpoe cite`: an archive as others cite it. It verifies nothing, and says so. */

import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import { CITATION_FORMATS, type CitationFormat, formatCitation } from '../../publish/citation.ts';
import { signerOf } from '../../publish/signer-of.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { readArchiveFile } from '../verify/archive-file.ts';
import { readDoi } from './publication.ts';

export interface CiteOptions {
  readonly format?: string;
  /** Known only once it is deposited. */
  readonly doi?: string;
}

export function cite(context: Context, path: string, { format = 'bibtex', doi }: CiteOptions): ExitCode {
  if (!CITATION_FORMATS.includes(format as CitationFormat))
    throw new QpoeError(
      'usage',
      `--format ${printable(format)} is not known`,
      `give ${CITATION_FORMATS.join(', ')}`,
    );
  const { manifest, digest } = readArchiveFile(path);
  const publication = { ...manifest.publication, ...(doi === undefined ? {} : { doi: readDoi(doi) }) };
  const text = formatCitation(format as CitationFormat, { publication, digest, signer: signerOf(manifest) });
  context.say(text.replace(/\r?\n$/, ''));
  context.note(`nothing was verified here: qpoe verify ${path}`);
  context.answer('cite', { format, text, publication, manifest: digest, signer: signerOf(manifest) });
  return EXIT.pass;
}
