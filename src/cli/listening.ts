/** Where a server of ours may listen. */

import { QpoeError } from '../core/error.ts';

const MAX_PORT = 65_535;

/** @throws QpoeError `usage` */
export function refuseListening(host: string, port: number): void {
  if (!(Number.isInteger(port) && port >= 0 && port <= MAX_PORT))
    throw new QpoeError('usage', `--port: not a whole number from 0 to ${MAX_PORT}`);
  // Node would listen on every address of the machine.
  if (host === '') throw new QpoeError('usage', '--host: empty', 'give an address, such as 127.0.0.1');
}
