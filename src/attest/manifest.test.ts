import fc from 'fast-check';
import { expect, it } from 'vitest';
import { utf8 } from '../core/bytes.ts';
import { type Digest, digestOf } from '../core/digest.ts';
import { makeManifest } from './manifest.ts';

const digest = digestOf(utf8('x'));
const manifestOf = (...paths: string[]) => makeManifest(paths.map((path) => ({ path, digest })));

it('is the canonical list of its files, in the order of their paths', () => {
  const { bytes, digest: named, entries } = manifestOf('run.py', 'circuits/bell.qasm', 'a b/ü.json');
  expect(new TextDecoder().decode(bytes)).toBe(
    `[{"digest":"${digest}","path":"a b/ü.json"},{"digest":"${digest}","path":"circuits/bell.qasm"},{"digest":"${digest}","path":"run.py"}]`,
  );
  expect(named).toBe(digestOf(bytes));
  expect(entries.map(({ path }) => path)).toEqual(['a b/ü.json', 'circuits/bell.qasm', 'run.py']);
});

it('is the same however its files were named', () => {
  const file = fc.stringMatching(/^[a-c]{1,3}(\/[a-c]{1,2})?$/);
  fc.assert(
    fc.property(fc.uniqueArray(file, { minLength: 1 }), fc.infiniteStream(fc.nat()), (paths, order) => {
      const shuffled = paths
        .map((path) => [order.next().value, path] as const)
        .sort((a, b) => a[0] - b[0])
        .map(([, path]) => path);
      expect(manifestOf(...shuffled).digest).toBe(manifestOf(...paths).digest);
    }),
  );
});

it('holds nothing but paths and digests', () => {
  const { bytes } = makeManifest([{ path: 'a', digest, size: 3 } as { path: string; digest: Digest }]);
  expect(new TextDecoder().decode(bytes)).toBe(`[{"digest":"${digest}","path":"a"}]`);
});

it.each([
  ['/etc/passwd', 'an absolute path'],
  ['C:/x', 'an absolute path'],
  ['c:x', 'an absolute path'],
  ['../x', '".." as a folder'],
  ['a/../x', '".." as a folder'],
  ['./x', '"." as a folder'],
  ['a//b', '"" as a folder'],
  ['a/', '"" as a folder'],
  ['..', '".." as a folder'],
  ['', 'no path'],
  ['a\\b', 'a backslash'],
  ['a\nb', 'a control character'],
  ['a\0', 'a control character'],
  ['\ud800', 'not Unicode'],
  ['a'.repeat(4097), 'over 4096 characters'],
])('refuses the path %j', (path, reason) => {
  expect(() => manifestOf(path)).toThrow(
    expect.objectContaining({ code: 'usage', message: expect.stringContaining(reason) }),
  );
});

it('refuses no files, a file twice, too many, and what is no digest', () => {
  expect(() => manifestOf()).toThrow('no files');
  expect(() => manifestOf('a', 'b', 'a')).toThrow('"a" stands twice');
  expect(() => makeManifest(new Array(10_001).fill({ path: 'a', digest }))).toThrow('over the limit');
  expect(() => makeManifest([{ path: 'a', digest: 'sha256:00' }])).toThrow('no digest');
});
