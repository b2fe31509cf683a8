/**
 * Examples of the commands whose help has none beside them in `commands.ts`: lines that a person can type. The manual shows them too, and a test
 * reads each as the command would.
 */

import type { Command } from 'commander';

const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  list: ['qpoe list'],
  show: ['qpoe show last'],
  init: ['qpoe init --name "Ada Lovelace"'],
  record: ['qpoe record --counts counts.json --circuit bell.qasm --sdk qiskit --backend ibm_torino'],
  hash: ['qpoe hash record.json', 'qpoe hash --core record.json | sha256sum'],
  inspect: ['qpoe inspect job.qpoe.json'],
  schema: ['qpoe schema record --out record.schema.json'],
  'attest statement': ['qpoe attest statement last'],
  'bundle unpack': ['qpoe bundle unpack job.qpoe.json'],
  'bundle upgrade': ['qpoe bundle upgrade job.qpoe.json'],
  'policy check': ['qpoe policy check reviewers.toml'],
  'policy show': ['qpoe policy show'],
  'policy add-log': ['qpoe policy add-log --tlog-policy theirs.txt'],
  'policy add-chain': [
    'qpoe policy add-chain base --rpc-url https://mainnet.base.org --contract 0x… --log-id 0x…',
  ],
  'policy pin-block': [
    'qpoe policy pin-block base 123 --rpc-url https://mainnet.base.org --rpc-url https://base.example.org',
  ],
  'log append': ['qpoe log append record.sigstore.json'],
  'log prove': ['qpoe log prove 0'],
  'log checkpoint': ['qpoe log checkpoint'],
  'log consistency': ['qpoe log consistency 1 2'],
  'log fsck': ['qpoe log fsck'],
  'log trusted-root': ['qpoe log trusted-root --out trusted_root.json'],
  'log serve': ['qpoe log serve --port 8080'],
  'log audit': ['qpoe log audit --url https://log.example.org --vkey log.example.org'],
  'log cosign': ['qpoe log cosign --witness witness.example.org=https://witness.example.org'],
  'log witness serve': ['qpoe log witness serve --port 8081'],
  'anchor deploy': ['qpoe anchor deploy --chain base --key payer.json --dry-run'],
  'anchor status': ['qpoe anchor status'],
  compare: ['qpoe compare simulator.json qiskit.json'],
  replay: ['qpoe replay last'],
  reproduce: ['qpoe reproduce paper.zip --figure fig2'],
  cite: ['qpoe cite paper.zip --format bibtex'],
  'runtime bind': ['qpoe runtime bind d2oivl560gu61qh37bh1 --receipt g1-c4a5'],
  'runtime bundle': ['qpoe runtime bundle d2oivl560gu61qh37bh1'],
  'runtime tags': ['qpoe runtime tags g1-c4a5'],
  'runtime watch': ['qpoe runtime watch --interval 600'],
  'sdk list': ['qpoe sdk list'],
  'sdk install': ['qpoe sdk install qiskit'],
  demo: ['qpoe demo --yes', 'qpoe demo --static --yes'],
  doctor: ['qpoe doctor'],
};

/** Gives each command its examples, at any depth. */
export function addExamples(command: Command, path = ''): void {
  for (const child of command.commands) {
    const name = `${path}${child.name()}`;
    const lines = EXAMPLES[name];
    if (lines !== undefined) child.addHelpText('after', exampleText(lines));
    addExamples(child, `${name} `);
  }
}

function exampleText(lines: readonly string[]): string {
  return `\n${lines.length === 1 ? 'Example' : 'Examples'}:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
}
