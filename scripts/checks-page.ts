// docs/checks.md: every check of the verifier, from the catalogue in the code.

import { EXPLANATIONS, type Explanation } from '../src/verify/explanations.ts';
import { layerOf } from '../src/verify/layers.ts';

const HEAD = `# The checks

What \`qpoe verify\` checks, in the order of its report, and what each check is worth. \`qpoe verify --explain CHECK\` prints the same. A check is \`pass\`,
\`fail\`, \`unknown\` (there, but it can't be judged), \`missing\` (your policy wants it), \`absent\` (nobody wants it) or \`skipped\` (needs a check that failed or is
unknown).

This page is made from the code: \`npm run schemas\` writes it.
`;

/** The whole page. */
export function checksPage(): string {
  const layers = Map.groupBy(EXPLANATIONS, ({ id }) => layerOf(id));
  const sections = [...layers].map(([layer, checks]) => `## ${layer}\n\n${checks.map(section).join('\n')}`);
  return [HEAD, ...sections].join('\n');
}

function section(check: Explanation & { readonly id: string }): string {
  const rows = check.failings.map(
    ({ status, codes, means, then }) =>
      `| \`${status}\`${codes.length === 0 ? '' : `: ${codes.map((code) => `\`${code}\``).join(', ')}`} | ${means} | ${then} |`,
  );
  return `### ${check.id}

*${check.title}.* ${check.claim}

- **Proves**: ${check.proves}
- **Not**: ${check.not_proven}
- **Relies on**: ${check.relies_on}
${check.cli === undefined ? '' : `- **Here**: ${check.cli}\n`}
| where it doesn't pass | means | what to do |
| --- | --- | --- |
${rows.join('\n')}
`;
}
