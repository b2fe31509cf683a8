/** The harness in `python/`, with shims of our own beside a copy of it. Any python3 will do. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../store/package-root.ts';

const found =
  spawnSync('python3', ['-I', '-c', 'import sys; sys.exit(sys.version_info < (3, 10))']).status === 0;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'qpoe-runner-'));
  copyFileSync(join(packageRoot(), 'python', 'runner.py'), join(folder, 'runner.py'));
  return () => rmSync(folder, { recursive: true });
});

function writeShim(name: string, body: string): void {
  writeFileSync(join(folder, `${name}_shim.py`), `PACKAGES = {}\n\ndef run(programs, seed):\n${body}`);
}

function startRunner(name: string): ChildProcess {
  return spawn('python3', ['-I', '-B', join(folder, 'runner.py'), name], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
}

async function ask(name: string, request: object): Promise<{ answer: string; code: number | null }> {
  const child = startRunner(name);
  child.stdin!.write(
    JSON.stringify({ protocol: 1, sdk: name, operation: 'run', programs: [], seed: 1, ...request }) + '\n',
  );
  child.on('exit', () => child.stdin!.destroy());
  const code = new Promise<number | null>((resolve) => child.on('exit', resolve));
  return { answer: await text(child.stdout!), code: await code };
}

describe.skipIf(!found)(
  `the harness${found ? '' : ' (skipped: no python3 of 3.10 or newer on PATH)'}`,
  () => {
    test('what a library prints, in Python or in C, does not reach the answer', async () => {
      writeShim(
        'chatty',
        '    import os\n    print("hello")\n    os.system("echo from C")\n    return {"programs": []}\n',
      );
      const { answer, code } = await ask('chatty', {});
      expect(JSON.parse(answer)).toMatchObject({ protocol: 1, result: { programs: [] } });
      expect(code).toBe(0);
    });

    test.each([
      ['an exception', 'raise ValueError("bad\\n  gate")', { kind: 'sdk', message: 'bad gate' }],
      ['no memory', 'raise MemoryError()', { kind: 'too-large', message: 'MemoryError' }],
      ['an exit', 'raise SystemExit(0)', { kind: 'sdk', message: '0' }],
      [
        'a kind of its own',
        'e = ValueError("wide"); e.kind = "too-large"; raise e',
        { kind: 'too-large', message: 'wide' },
      ],
    ])('%s is answered without a traceback', async (_, statement, error) => {
      writeShim('failing', `    ${statement}\n`);
      const { answer, code } = await ask('failing', {});
      expect(JSON.parse(answer)).toEqual({ protocol: 1, error });
      expect(code).toBe(0);
    });

    test('another protocol, SDK, operation or a path for a name is refused', async () => {
      writeShim('idle', '    return {"programs": []}\n');
      for (const request of [{ protocol: 2 }, { sdk: 'other' }, { operation: 'delete' }])
        expect(JSON.parse((await ask('idle', request)).answer).error.kind).toBe('request');
      expect(JSON.parse((await ask('../idle', {})).answer).error.kind).toBe('request');
    });

    test('a missing package is named, by describe and by run', async () => {
      // A module inside a package is looked for in that package, which may be what is missing.
      const packages = '{"no-such-thing": "no_such_thing", "no-such-part": "no_such_thing.part"}';
      writeFileSync(join(folder, 'lacking_shim.py'), `PACKAGES = ${packages}\n`);
      const { answer } = await ask('lacking', { operation: 'describe' });
      expect(JSON.parse(answer).description.missing).toEqual(['no-such-thing', 'no-such-part']);
      expect(JSON.parse((await ask('lacking', {})).answer).error).toEqual({
        kind: 'missing',
        message: 'missing: no-such-thing, no-such-part',
      });
    });

    test('a killed parent leaves no orphan, even one that never lets go of the interpreter', async () => {
      const pidFile = join(folder, 'pid');
      // Backtracking holds the interpreter's lock for years, as a simulation does for minutes.
      writeShim(
        'busy',
        `    import os, re\n    open(${JSON.stringify(pidFile)}, "w").write(f"{os.getpid()}.")\n    re.match("(a+)+$", "a" * 64 + "b")\n`,
      );
      const parent = spawn(process.execPath, [
        '-e',
        `const child = require('node:child_process').spawn('python3', ['-I', '-B', ${JSON.stringify(join(folder, 'runner.py'))}, 'busy'], { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
       child.stdin.write(JSON.stringify({ protocol: 1, sdk: 'busy', operation: 'run', programs: [], seed: 1 }) + '\\n');`,
      ]);
      await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8').endsWith('.'));
      const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
      expect(isAlive(pid)).toBe(true);
      parent.kill('SIGKILL');
      await until(() => !isAlive(pid));
    }, 30_000);
  },
);

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries > 200) throw new Error('waited for 10 s in vain');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A zombie is dead; in some containers no one collects it. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !(existsSync('/proc/self/stat') && / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
  } catch {
    return false;
  }
}
