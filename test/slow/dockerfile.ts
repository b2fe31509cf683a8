/** What a builder does with the Dockerfile, as far as it can be done without one: every RUN, as root or the user, in a root file system of its own. */

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
// @ts-expect-error: plain JavaScript
import { globPattern } from '../../action/glob.mjs';
import { cacheDir } from '../test-python.ts';

const TIMEOUT_MS = 840_000;
/** How this machine reaches package registries: an image has its own way, and Debian's certificates replace what lies at their place. */
const AUTHORITIES = '/machine-authorities.pem';
const ours = ['NODE_EXTRA_CA_CERTS', 'PIP_CERT', 'SSL_CERT_FILE'].filter((name) => process.env[name]);
const REGISTRY = Object.fromEntries([
  ...Object.entries(process.env).filter(([name]) => /^(?:https?_proxy|no_proxy|PIP_INDEX_URL)$/i.test(name)),
  ...ours.map((name) => [name, AUTHORITIES]),
]);

interface Instruction {
  readonly word: string;
  readonly rest: string;
}

export function readDockerfile(path: string): Instruction[] {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join('\n')
    .replaceAll(/\\\n\s*/g, '');
  return lines.split('\n').map((line) => {
    const [, word, rest] = /^(\w+)\s+(.*)$/.exec(line)!;
    return { word: word!, rest: rest! };
  });
}

export interface Image {
  readonly root: string;
  readonly environment: Record<string, string>;
  workdir: string;
  user: string;
}

/** Debian's, once; or why not. */
export function debianRoot(): { readonly path: string } | { readonly reason: string } {
  if (process.getuid?.() !== 0) return { reason: 'only root can change the root folder' };
  const path = join(cacheDir, 'tools', 'bookworm');
  const done = join(path, 'etc/debian_version');
  if (existsSync(done)) return { path };
  mkdirSync(dirname(path), { recursive: true });
  const made = spawnSync('debootstrap', ['--variant=minbase', 'bookworm', path], {
    timeout: TIMEOUT_MS,
    encoding: 'utf8',
  });
  return made.status === 0
    ? { path }
    : { reason: made.error?.message ?? made.stdout.trim().split('\n').at(-1)! };
}

/** What the image `node:…-bookworm-slim` is, for our purposes: Debian, this Node, an npm, and a user of id 1000. */
function baseImage(debian: string, root: string): Image {
  copyAll(debian, root);
  cpSync('/etc/resolv.conf', join(root, 'etc/resolv.conf'), { dereference: true });
  const [authorities] = ours;
  if (authorities !== undefined)
    cpSync(process.env[authorities]!, join(root, AUTHORITIES), { dereference: true });
  cpSync(process.execPath, join(root, 'usr/local/bin/node'), { dereference: true });
  const npm = spawnSync('sh', ['-c', 'readlink -f "$(command -v npm)"'], { encoding: 'utf8' }).stdout.trim();
  mkdirSync(join(root, 'usr/local/lib/node_modules'), { recursive: true });
  cpSync(join(npm, '../..'), join(root, 'usr/local/lib/node_modules/npm'), { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'));
  const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };
  const image: Image = { root, environment, workdir: '/', user: '0' };
  execute(image, 'useradd --create-home --uid 1000 node');
  return image;
}

function copyAll(from: string, to: string): void {
  const { status, stderr } = spawnSync('cp', ['-a', from, to], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** A RUN line. @throws with what it printed */
export function execute(image: Image, line: string, build: Record<string, string> = {}): string {
  const inside =
    'mount -t proc proc "$1/proc" && cd "$1" && exec chroot --userspec="$2" "$1" /bin/sh -c "cd \\"$3\\" && $4"';
  const { status, stdout, stderr, error } = spawnSync(
    'unshare',
    ['--mount', '--pid', '--fork', 'sh', '-c', inside, 'sh', image.root, image.user, image.workdir, line],
    {
      env: { ...REGISTRY, ...image.environment, ...build, HOME: homeOf(image) },
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
      timeout: TIMEOUT_MS,
    },
  );
  if (status !== 0)
    throw new Error(`RUN ${line}\n${error ?? ''}${stdout.slice(-2000)}${stderr.slice(-2000)}`);
  return stdout;
}

function homeOf({ root, user }: Image): string {
  const row = readFileSync(join(root, 'etc/passwd'), 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([, , uid]) => uid === user);
  return row?.[5] ?? '/';
}

/** The files of the context that .dockerignore leaves: the last pattern that matches a path, or a folder above it, decides. */
export function isSent(context: string, path: string): boolean {
  const patterns = readFileSync(join(context, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const parts = relative(context, path).split('/');
  const above = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  let sent = true;
  for (const pattern of patterns) {
    const matches = globPattern(pattern.replace(/^!/, ''));
    if (above.some((name) => matches.test(name))) sent = pattern.startsWith('!');
  }
  return sent;
}

/** Builds the last stage. */
export function buildImage(
  context: string,
  debian: string,
  folder: string,
  args: Record<string, string>,
): Image {
  const stages = new Map<string, Image>();
  let image: Image | undefined;
  const build: Record<string, string> = {};
  for (const { word, rest } of readDockerfile(join(context, 'Dockerfile'))) {
    if (word === 'FROM') {
      const [, name = 'last'] = / AS (\S+)$/.exec(rest) ?? [];
      image = baseImage(debian, join(folder, name));
      stages.set(name, image);
    } else if (word === 'WORKDIR') {
      image!.workdir = rest;
      mkdirSync(join(image!.root, rest), { recursive: true });
    } else if (word === 'COPY') copy(context, stages, image!, rest);
    else if (word === 'RUN') execute(image!, rest, build);
    else if (word === 'ARG') {
      const [name, value] = rest.split('=') as [string, string];
      build[name] = args[name] ?? value;
    } else if (word === 'USER') image!.user = rest.replaceAll(/\$\{(\w+)\}/g, (_, name) => build[name]!);
    else if (word === 'ENV')
      for (const pair of rest.split(' ')) {
        const [name, value] = pair.split('=') as [string, string];
        image!.environment[name] = value;
      }
    else if (!['ENTRYPOINT', 'CMD'].includes(word)) throw new Error(`no one tried ${word} here`);
  }
  return image!;
}

function copy(context: string, stages: ReadonlyMap<string, Image>, image: Image, rest: string): void {
  const from = /^--from=(\S+) (\S+) (\S+)$/.exec(rest);
  if (from) {
    cpSync(join(stages.get(from[1]!)!.root, from[2]!), join(image.root, from[3]!));
    return;
  }
  if (rest !== '. .') throw new Error(`no one tried COPY ${rest} here`);
  cpSync(context, join(image.root, image.workdir), {
    recursive: true,
    filter: (path) => path === context || isSent(context, path),
  });
}
