/** The commands of docs/every-layer.md: a bundle with every layer, made with real peers, under the strict policy but for a binding. */

import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newPlace, type Place } from '../cli.ts';
import { NO_ANVIL } from '../lying-node.ts';
import { NO_OPENSSL, startAuthority } from '../openssl-authority.ts';
import { output, serve } from '../running.ts';

/** A source to run from. */
function commit(place: Place): void {
  writeFileSync(
    place.path('circuit.qasm'),
    'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q;\nbit[2] c;\nh q[0];\ncx q[0], q[1];\nc = measure q;\n',
  );
  const git = (...args: string[]) =>
    expect(
      spawnSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], {
        cwd: place.folder,
      }).status,
    ).toBe(0);
  git('init', '-q');
  git('add', 'circuit.qasm');
  git('commit', '-q', '-m', 'A pair');
}

const LAYERS = [
  ...['record.hash', 'record.signature', 'record.signer', 'circuit.source', 'artifact.digest'],
  ...['statement.signature', 'statement.signer', 'statement.subject', 'receipt.hash', 'receipt.signature'],
  ...['receipt.subject', 'log.entry', 'log.inclusion', 'log.checkpoint', 'log.witnesses', 'time.stamp'],
  ...['time.existed_by', 'order.declared_before_run', 'anchor.header', 'anchor.receipt', 'anchor.root'],
  'anchor.block',
];

it.skipIf(NO_ANVIL || NO_OPENSSL !== undefined)(
  'a bundle with every layer passes the strict policy, and loses the pass with any of them',
  async () => {
    const place = newPlace();
    await output(place, 'policy', 'init', '--level', 'strict');
    const policy = join(place.home, 'trust.toml');
    // As `sed` does it there.
    writeFileSync(policy, readFileSync(policy, 'utf8').replace(/^binding = .*\n/m, ''), { mode: 0o600 });
    await output(place, 'run', '--n-qubits', '2', '--depth', '1');
    const { vkey } = JSON.parse(await output(place, 'log', 'checkpoint', '--json'));
    const witnesses = [];
    for (const name of ['w1.example.org', 'w2.example.org'])
      witnesses.push(await serve(newPlace(), 'log', 'witness', 'serve', '--log', vkey, '--name', name));
    const keys = witnesses.flatMap((witness) => ['--witness', witness.vkey!]);
    await output(place, 'policy', 'add-log', vkey, ...keys, '--quorum', '2');
    const addresses = witnesses.map(({ vkey: key, url }) => `"${key!.split('+')[0]}" = "${url}"\n`);
    writeFileSync(join(place.home, 'config.toml'), `[witness]\n${addresses.join('')}`);
    const { url, certificate } = await startAuthority();
    appendFileSync(
      join(place.home, 'trust.toml'),
      `\n[[timestamp_authority]]\ncertificate = "${certificate}"\n`,
    );
    commit(place);
    const receipt = JSON.parse(
      await output(place, 'attest', 'receipt', '--declare-ai', 'tool=editor,model=none', '--json'),
    );
    await output(place, 'log', 'cosign');
    await output(place, 'run', 'circuit.qasm', '--receipt', receipt.receipt_id);
    await output(place, 'log', 'cosign');
    await output(place, 'anchor', 'submit');
    await output(place, 'bundle', 'last', '--timestamp', url, '--require', '--out', 'whole.qpoe.json');
    expect(await output(place, 'verify', 'whole.qpoe.json')).toMatch(/^PASS: signed by "me"/);
    const { files } = JSON.parse(await output(place, 'verify', 'whole.qpoe.json', '--json'));
    const passed = files[0].verdict.checks.filter((check: { status: string }) => check.status === 'pass');
    expect([...new Set(passed.map(({ id }: { id: string }) => id))]).toEqual(expect.arrayContaining(LAYERS));
    expect(files[0].verdict.checks.filter((check: { status: string }) => check.status === 'fail')).toEqual(
      [],
    );
    // A local chain is worth a warning, and is the only thing that is.
    const lint = place.qpoe('policy', 'check');
    expect(lint.stdout.split('\n').filter((line) => line.startsWith('!'))).toEqual([
      expect.stringContaining('only a chain of your own machine is pinned'),
    ]);
    await losing(place);
  },
);

/** Without any one layer the same policy is not met. */
async function losing(place: Place): Promise<void> {
  mkdirSync(place.path('less'));
  const text = readFileSync(place.path('whole.qpoe.json'), 'utf8');
  const without: [string, (bundle: Whole) => void][] = [
    ['anchors', (bundle) => bundle.anchors.splice(0)],
    ['statements', (bundle) => bundle.statements.splice(0)],
    ['artifacts', (bundle) => (bundle.artifacts = {})],
    [
      'log',
      (bundle) => {
        for (const { verificationMaterial } of bundle.statements) delete verificationMaterial.tlogEntries;
      },
    ],
  ];
  for (const [name, take] of without) {
    const bundle = JSON.parse(text) as Whole;
    take(bundle);
    writeFileSync(place.path('less', `${name}.json`), JSON.stringify(bundle));
    const { code, stdout } = place.qpoe('verify', `less/${name}.json`);
    expect([1, 3], `without ${name}: ${stdout.split('\n')[0]}`).toContain(code);
  }
}

interface Whole {
  anchors: object[];
  artifacts: object;
  statements: { verificationMaterial: { tlogEntries?: object[] } }[];
}
