/** The frame of every page that qpoe writes: no script, nothing fetched, and said first and last whose word it is. */

import { hash } from 'node:crypto';
import { STYLE } from './html-style.ts';

export interface Page {
  /** HTML, without elements: a title shows no markup. */
  readonly title: string;
  readonly caution: string;
  readonly main: string;
  readonly footer: string;
}

export function framePage({ title, caution, main, footer }: Page): string {
  const policy = `default-src 'none'; style-src 'sha256-${hash('sha256', STYLE, 'base64')}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<header class="caution"><p>${caution}</p></header>
<main>
${main}</main>
<footer><p>${footer}</p></footer>
</body>
</html>
`;
}
