import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { writeAtomic } from './files.ts';

vi.mock('node:fs', async (original) => {
  const refuse = (code: string) => () => {
    throw Object.assign(new Error(code), { code });
  };
  return {
    ...(await original<typeof import('node:fs')>()),
    renameSync: refuse('ENOSPC'),
    unlinkSync: refuse('EROFS'),
  };
});

it('a write that fails says why, also where what it left can’t be removed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'qpoe-files-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  expect(() => writeAtomic(join(folder, 'file'), new Uint8Array(3))).toThrow(
    /can't write .*: the disk is full/,
  );
});
