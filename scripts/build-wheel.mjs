// Writes dist/qpoe-<version>-py3-none-any.whl: the Python package, and in it this command as `npm run build` made it.
// A wheel is a zip with a list of its files; what pip would ask a build tool for stands in python/pyproject.toml.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { zip } from './zip.mjs';

const root = join(import.meta.dirname, '..');
const { project } = parse(readFileSync(join(root, 'python/pyproject.toml'), 'utf8'));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
if (project.version !== manifest.version)
  throw new Error(`python/pyproject.toml is ${project.version}, package.json is ${manifest.version}`);

const files = new Map();
const add = (name, bytes, executable = false) => files.set(name, { bytes: Buffer.from(bytes), executable });

/** @param {string} from a file or folder below the repository */
function addTree(from, to, keep = () => true) {
  const path = join(root, from);
  if (statSync(path).isFile()) {
    if (keep(from)) add(to, readFileSync(path), to.endsWith('/dist/bin/qpoe.js'));
    return;
  }
  for (const name of readdirSync(path).sort()) addTree(`${from}/${name}`, `${to}/${name}`, keep);
}

const cli = 'qpoe/_cli';
addTree('python/qpoe', 'qpoe', (name) => name.endsWith('.py'));
addTree('dist/bin', `${cli}/dist/bin`);
addTree('dist/verifier.html', `${cli}/dist/verifier.html`);
const shims = readdirSync(join(root, 'python')).filter((name) => name.endsWith('_shim.py'));
for (const name of ['runner.py', 'original_circuit.py', ...shims.sort()])
  addTree(`python/${name}`, `${cli}/python/${name}`);
addTree('python/locks', `${cli}/python/locks`);
addTree('python/bootstrap', `${cli}/python/bootstrap`, (name) => name.endsWith('.py'));
addTree('contracts/LogAnchor.json', `${cli}/contracts/LogAnchor.json`);
addTree('demo', `${cli}/demo`);
addTree('checklists', `${cli}/checklists`);
// The command finds its own folder by this file, and Node that its files are modules.
const { name, version, license, type, engines } = manifest;
add(`${cli}/package.json`, `${JSON.stringify({ name, version, license, type, engines }, null, 2)}\n`);

const info = `qpoe-${version}.dist-info`;
add(
  `${info}/METADATA`,
  [
    'Metadata-Version: 2.4',
    `Name: ${project.name}`,
    `Version: ${version}`,
    `Summary: ${project.description}`,
    `License-Expression: ${project.license}`,
    'License-File: LICENSE',
    `Requires-Python: ${project['requires-python']}`,
    ...project.dependencies.map((dependency) => `Requires-Dist: ${dependency}`),
    '',
  ].join('\n'),
);
add(
  `${info}/WHEEL`,
  'Wheel-Version: 1.0\nGenerator: qpoe build-wheel\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
);
const scripts = Object.entries(project.scripts).map(([script, target]) => `${script} = ${target}\n`);
add(`${info}/entry_points.txt`, `[console_scripts]\n${scripts.join('')}`);
addTree('LICENSE', `${info}/licenses/LICENSE`);
const listed = [...files].map(([path, { bytes }]) => {
  const digest = createHash('sha256').update(bytes).digest('base64url');
  return `${path},sha256=${digest},${bytes.length}\n`;
});
add(`${info}/RECORD`, `${listed.join('')}${info}/RECORD,,\n`);

const wheel = join(root, 'dist', `qpoe-${version}-py3-none-any.whl`);
writeFileSync(wheel, zip(files));
console.log(wheel);
