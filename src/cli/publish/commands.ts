/** Commands: publishing, citing and reproducing. */

import type { Command } from 'commander';
import { collect, command, keepingOut, type Run, whole } from '../command.ts';

export function addPublish(program: Command, run: Run): void {
  command(program, 'publish', 'put the records behind a paper into one signed archive')
    .argument('[selection...]', 'ids, label:TEXT, days, all or last; FIGURE=SELECTOR,SELECTOR for a figure')
    .option('--title <text>', 'of the archive')
    .option('--author <name>', '"Family, Given", with "; ORCID" after it where there is one', collect)
    .option('--license <id>', 'an SPDX identifier: CC-BY-4.0, CC0-1.0, ...')
    .option('--description <text>', 'what it is, in a sentence')
    .option('--doi <doi>', 'one that the repository reserved')
    .option('--date <day>', 'of publication (default: today)')
    .option('--withhold <field>', 'leave that out, where it can be', collect)
    .option('--anonymous', 'sign anew by an identity made for this alone, for double-blind review')
    .option('--external <dir>', 'write what is too large for a bundle there, by its digest')
    .option('--dry-run', 'say what it would tell, and write nothing')
    .option('--reproduction <file>', 'include what someone else found who ran the records again', collect)
    .option('--link <archive>', 'instead: say that an anonymous archive is yours')
    .addHelpText(
      'after',
      '\nWithout --out it is written to publication.zip.\n\nExample:\n  $ qpoe publish fig2=label:sweep --license CC-BY-4.0 --author "Lovelace, Ada" --out paper.zip',
    )
    .action((selections, options) =>
      run(keepingOut(options), async (context) =>
        options.link === undefined
          ? (await import('./publish.ts')).publish(context, selections, options)
          : (await import('./publish-link.ts')).linkArchive(context, options.link, selections, options),
      ),
    );
  addReproduce(program, run);
  command(program, 'cite', 'cite an archive')
    .argument('<archive>')
    .option('--format <name>', 'bibtex, ris, csl-json or cff', 'bibtex')
    .option('--doi <doi>', 'under which it was deposited')
    .action((archive, options) =>
      run(options, async (context) => (await import('./cite.ts')).cite(context, archive, options)),
    );
  addReveal(program, run);
}

function addReproduce(program: Command, run: Run): void {
  command(program, 'reproduce', 'verify an archive, run its records again, and sign what came of it')
    .argument('<archive>')
    .option('--figure <name>', 'of that figure alone; more than once for several', collect)
    .option('--policy <file>', 'whom to trust (default: trust.toml in your home)')
    .option('--signer <fingerprint>', 'trust this one identity, as the paper prints it')
    .option('--python <path>', 'the Python that has the SDKs')
    .addOption(whole('--timeout <seconds>', 'how long each record may take').default(3600))
    .addHelpText(
      'after',
      "\nWithout --out it is written to reproduction.json.\n\nExit codes: 0 whatever ran is identical or consistent, 1 something differs, 3 it can't be said, or nothing ran.",
    )
    .action((archive, options) =>
      run(keepingOut(options), async (context) =>
        (await import('./reproduce.ts')).reproduce(context, archive, options),
      ),
    );
}

function addReveal(program: Command, run: Run): void {
  command(program, 'reveal', 'open a value that a record withholds, or check one that was opened')
    .argument('<record>', 'a record id, or a file that holds one; with --check what to hold it against')
    .argument('[path]', 'where it stands in the record (default: list what it withholds)')
    .option('--check <file>', 'an opened value, or the link of an anonymous archive')
    .option('--policy <file>', 'with --check: whom to trust (default: trust.toml in your home)')
    .option('--signer <fingerprint>', 'with --check: trust this one identity')
    .option('--integrity-only', 'with --check: judge no signer')
    .addHelpText(
      'after',
      '\nExample:\n  $ qpoe reveal last execution.job.submitter --out who.json\n  $ qpoe reveal --check who.json job.qpoe.json',
    )
    .action((what, path, options) =>
      run(keepingOut(options), async (context) =>
        options.check === undefined
          ? (await import('./reveal.ts')).reveal(context, what, path, options)
          : (await import('./reveal-check.ts')).checkRevealed(context, options.check, what, options),
      ),
    );
}
