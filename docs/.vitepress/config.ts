/** The documents as a static site: `npm run docs:build` writes docs/.vitepress/dist. A link to a page or heading that isn't there is an error. */

import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitepress';
import { SIDEBAR } from './sidebar.ts';
import { slugOf } from './slug.ts';

const docs = join(import.meta.dirname, '..');
/** What the documents link to beside each other. */
const FILES = ['schema', 'verifier-page.sha256'];
// Else it takes the digest's file for a page.
process.env.VITE_EXTRA_EXTENSIONS = 'sha256';

export default defineConfig({
  title: 'qpoe',
  description: 'One signed file that says what a quantum job ran, and its verifier',
  cleanUrls: false,
  ignoreDeadLinks: false,
  themeConfig: {
    search: { provider: 'local' },
    sidebar: SIDEBAR,
    outline: [2, 3],
  },
  markdown: {
    anchor: { slugify: slugOf },
    config(md) {
      // Braces in the documents are Docker's or BibTeX's, and no template's.
      md.core.ruler.push('braces', ({ tokens }) => {
        for (const token of tokens.flatMap(({ children }) => children ?? []))
          if (token.type === 'code_inline') token.attrSet('v-pre', '');
      });
      // What lies elsewhere in the repository isn't on the site: its name stays, as text.
      md.core.ruler.push('outside', ({ tokens }) => {
        for (const { children } of tokens)
          for (const [index, token] of children?.entries() ?? []) {
            const target = token.type === 'link_open' ? token.attrGet('href') : null;
            if (!target?.startsWith('../')) continue;
            const close = children!.findIndex((one, at) => at > index && one.type === 'link_close');
            for (const one of [token, children![close]!])
              [one.type, one.tag] = [`text_${one.nesting}`, 'span'];
            token.attrs = [['title', `in the repository: ${target.slice('../'.length)}`]];
          }
      });
    },
  },
  // This project's own esbuild builds it, instead of the older one that VitePress names: package.json, overrides.
  vite: { build: { target: 'es2022' } },
  buildEnd({ outDir }) {
    for (const name of FILES) cpSync(join(docs, name), join(outDir, name), { recursive: true });
  },
});
