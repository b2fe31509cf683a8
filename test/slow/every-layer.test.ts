/** The commands of docs/every-layer.md: a bundle with every layer, made with real peers, under the strict policy. */

import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { newPlace, type Place } from '../cli.ts';
import { NO_ANVIL } from '../lying-node.ts';
import { NO_OPENSSL, opensslAuthority, serveTimestamps } from '../openssl-authority.ts';

/** The first answer of a server, once it listens; it ends with the test. */
async function serve(place: Place, ...args: string[]): Promise<Record<string, string>> {
  const child = place.start(...args, '--json', '-q');
  onTestFinished(() => void child.kill('SIGKILL'));
  return new Promise((resolve, reject) => {
    child.stdout!.once('data', (line) => resolve(JSON.parse(String(line))));
    child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
  });
}

/** Beside a server in this process, which must go on answering. */
async function run(place: Place, ...args: string[]): Promise<string> {
  const child = place.start(...args);
  const [stdout, stderr] = [[] as string[], [] as string[]];
  child.stdout!.on('data', (chunk) => stdout.push(String(chunk)));
  child.stderr!.on('data', (chunk) => stderr.push(String(chunk)));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  expect(code, `${args.join(' ')}: ${stderr.join('')}`).toBe(0);
  return stdout.join('');
}

async function authority(): Promise<{ readonly url: string; readonly certificate: string }> {
  const root = mkdtempSync(join(tmpdir(), 'qpoe-tsa-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const openssl = opensslAuthority(root);
  openssl.certify('root', { extensions: 'root' });
  openssl.certify('tsa', { extensions: 'tsa', issuer: 'root' });
  const service = await serveTimestamps((query) => openssl.stamp(query, { signer: 'tsa' }));
  onTestFinished(() => service.close());
  return { url: service.url, certificate: openssl.path('root') };
}

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
    await run(place, 'policy', 'init', '--level', 'strict');
    await run(place, 'run', '--n-qubits', '2', '--depth', '1');
    const { vkey } = JSON.parse(await run(place, 'log', 'checkpoint', '--json'));
    const witnesses = [];
    for (const name of ['w1.example.org', 'w2.example.org'])
      witnesses.push(await serve(newPlace(), 'log', 'witness', 'serve', '--log', vkey, '--name', name));
    const keys = witnesses.flatMap((witness) => ['--witness', witness.vkey!]);
    await run(place, 'policy', 'add-log', vkey, ...keys, '--quorum', '2');
    const addresses = witnesses.map(({ vkey: key, url }) => `"${key!.split('+')[0]}" = "${url}"\n`);
    writeFileSync(join(place.home, 'config.toml'), `[witness]\n${addresses.join('')}`);
    const { url, certificate } = await authority();
    appendFileSync(
      join(place.home, 'trust.toml'),
      `\n[[timestamp_authority]]\ncertificate = "${certificate}"\n`,
    );
    commit(place);
    const receipt = JSON.parse(
      await run(place, 'attest', 'receipt', '--declare-ai', 'tool=editor,model=none', '--json'),
    );
    await run(place, 'log', 'cosign');
    await run(place, 'run', 'circuit.qasm', '--receipt', receipt.receipt_id);
    await run(place, 'log', 'cosign');
    await run(place, 'anchor', 'submit');
    await run(place, 'bundle', 'last', '--timestamp', url, '--require', '--out', 'whole.qpoe.json');
    expect(await run(place, 'verify', 'whole.qpoe.json')).toMatch(/^PASS: signed by "me"/);
    const { files } = JSON.parse(await run(place, 'verify', 'whole.qpoe.json', '--json'));
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
    expect(place.qpoe('policy', 'show').stdout).toContain('strict');
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
