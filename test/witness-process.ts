/** A witness in a process of its own, that a test can kill: `node witness-process.ts HOME VKEY…`. It prints its URL. */

import { serveWitness } from '../src/online/witness-server.ts';
import { homeAt } from '../src/store/home.ts';
import { readWitnessKey } from '../src/store/witness-key.ts';
import { parseVkey } from '../src/tlog/vkey.ts';

const [home, ...vkeys] = process.argv.slice(2);
const { url } = await serveWitness({
  host: '127.0.0.1',
  port: 0,
  witness: readWitnessKey(homeAt(home!), undefined),
  logs: vkeys.map((vkey) => parseVkey(vkey).value!),
  signal: new AbortController().signal,
});
console.log(url);
