/**
 * Makes the log where there is none, appends entries one after another, and says which are acknowledged and which failed:
 *
 *     node test/log-appender.ts LOG HOME NAME COUNT
 */

import { writeSync } from 'node:fs';
import { utf8 } from '../src/core/bytes.ts';
import { QpoeError } from '../src/core/error.ts';
import { homeAt } from '../src/store/home.ts';
import { createLog, hasLog, openLog } from '../src/store/log.ts';
import { appendToLog } from '../src/store/log-append.ts';

const [path = '', home = '', name = '', count = ''] = process.argv.slice(2);
const place = { path, home: homeAt(home), passphrase: undefined };

async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof QpoeError)) throw error;
    writeSync(2, `${error.message}\n`);
    process.exitCode = 4;
  }
}

await attempt(async () => {
  const log = hasLog(path) ? openLog(place) : createLog(place);
  for (let i = 0; i < Number(count); i++) {
    const entry = `${name}-${i}`;
    await attempt(async () => {
      const { indexes } = await appendToLog(log, [utf8(entry)]);
      writeSync(1, `${entry} ${indexes[0]!.index}\n`);
    });
  }
});
