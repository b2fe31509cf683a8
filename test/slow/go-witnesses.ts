/**
 * The witnesses and the feeder that others wrote, built from pinned versions: omniwitness and feedwitness (transparency-dev) and
 * litewitness (torchwood). Not by `go install`: each needs a module that the proxy no longer lists or sums, so that the
 * versions and the sums which their own `go.sum` has are named here. A cold build takes 80 seconds on two cores.
 */

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheDir } from '../test-python.ts';

const WITNESS = 'github.com/transparency-dev/witness';
const WITNESS_VERSION = 'v0.0.0-20260701145555-54dbcdd14f82';
const FEEDWITNESS = `${WITNESS}/cmd/feedwitness`;
const TOOLS = ['filippo.io/torchwood/cmd/litewitness', FEEDWITNESS, `${WITNESS}/cmd/omniwitness`];
const GO_MOD = `module qpoe.invalid/witnesses

go 1.26

require (
	filippo.io/torchwood v0.9.0
	github.com/transparency-dev/formats v0.1.2-0.20260710124811-af9e607161b6
	${WITNESS} ${WITNESS_VERSION}
)
`;

const ENVIRONMENT = { ...process.env, GOFLAGS: '-mod=mod -buildvcs=false', GOWORK: 'off' };
const TIMEOUT_MS = 840_000;

export interface GoWitnesses {
  readonly omniwitness: string;
  readonly litewitness: string;
  /** A feedwitness, made in this folder, that feeds these logs: which it feeds is compiled into it. */
  buildFeeder(folder: string, logsYaml: string): string;
}

function go(folder: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync('go', args, {
    cwd: folder,
    env: ENVIRONMENT,
    timeout: TIMEOUT_MS,
    encoding: 'utf8',
  });
  if (status !== 0) throw error ?? new Error(stderr.trim().split('\n').at(-1));
  return stdout;
}

/** Where Go keeps the sources of the pinned witness. */
function witnessSources(folder: string): string {
  return JSON.parse(go(folder, 'mod', 'download', '-json', `${WITNESS}@${WITNESS_VERSION}`)).Dir;
}

export function goWitnesses(): GoWitnesses | { readonly reason: string } {
  const folder = join(cacheDir, 'tools', `witnesses-${WITNESS_VERSION}`);
  try {
    if (!existsSync(folder)) buildTools(folder);
  } catch (error) {
    return { reason: (error as Error).message };
  }
  return {
    omniwitness: join(folder, 'omniwitness'),
    litewitness: join(folder, 'litewitness'),
    buildFeeder,
  };
}

function newModule(folder: string): void {
  writeFileSync(join(folder, 'go.mod'), GO_MOD);
  copyFileSync(join(witnessSources(folder), 'go.sum'), join(folder, 'go.sum'));
  chmodSync(join(folder, 'go.sum'), 0o644);
}

function buildTools(folder: string): void {
  mkdirSync(dirname(folder), { recursive: true });
  const building = mkdtempSync(`${folder}-`);
  try {
    newModule(building);
    go(building, 'build', '-trimpath', '-o', `${building}/`, ...TOOLS);
    renameSync(building, folder);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

function buildFeeder(folder: string, logsYaml: string): string {
  newModule(folder);
  const sources = witnessSources(folder);
  for (const entry of readdirSync(sources, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const copy = join(folder, 'witness', path.slice(sources.length));
    mkdirSync(dirname(copy), { recursive: true });
    writeFileSync(copy, readFileSync(path));
  }
  writeFileSync(join(folder, 'witness/omniwitness/logs.yaml'), logsYaml);
  writeFileSync(join(folder, 'go.mod'), `${GO_MOD}\nreplace ${WITNESS} => ./witness\n`);
  const program = join(folder, 'feedwitness');
  go(folder, 'build', '-trimpath', '-o', program, FEEDWITNESS);
  return program;
}
