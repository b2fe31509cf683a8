/** Adds a log to the person's own policy: whoever keeps a log trusts its key. */

import { formatVkey, type Vkey } from '../tlog/vkey.ts';
import { writeAtomic } from './files.ts';
import { type Home, readHomeFile, readOwnPolicy } from './home.ts';

/** @returns whether it was added: not where it stands there already, or where there is no policy of the person's */
export function trustOwnLog(home: Home, vkey: Vkey): boolean {
  const policy = readOwnPolicy(home);
  const text = formatVkey(vkey);
  if (policy === undefined || policy.log?.some((log) => log.vkey === text)) return false;
  const toml = readHomeFile(home, home.policy)!;
  const gap = toml.endsWith('\n') ? '\n' : '\n\n';
  writeAtomic(home.policy, Buffer.from(`${toml}${gap}[[log]]\nvkey = "${text}"\n`), 0o600);
  return true;
}
