/** Adds a log to the person's own policy: whoever keeps a log trusts its key. */

import { QpoeError } from '../core/error.ts';
import { formatVkey, type Vkey } from '../tlog/vkey.ts';
import { type Policy, parsePolicy } from '../verify/policy.ts';
import { writeAtomic } from './files.ts';
import { type Home, readHomeFile, readOwnPolicy } from './home.ts';
import { withLock } from './log-lock.ts';

/**
 * @returns whether it was added: not where it stands there already, or where there is no policy of the person's
 * @throws QpoeError where the policy would not be one any more; it is left as it is then
 */
export function trustOwnLog(home: Home, vkey: Vkey): boolean {
  const text = formatVkey(vkey);
  if (!lacks(readOwnPolicy(home), text)) return false;
  // Runs in several stores may each make their log, all at the same time.
  return withLock(`${home.policy}.lock`, () => {
    if (!lacks(readOwnPolicy(home), text)) return false;
    const toml = readHomeFile(home, home.policy)!;
    const grown = `${toml}${toml.endsWith('\n') ? '\n' : '\n\n'}[[log]]\nvkey = "${text}"\n`;
    refuseBroken(home, grown, text);
    writeAtomic(home.policy, Buffer.from(grown), 0o600);
    return true;
  });
}

function lacks(policy: Policy | undefined, vkey: string): boolean {
  return policy !== undefined && !policy.log?.some((log) => log.vkey === vkey);
}

/** `log = []` is a policy as good as any, but nothing can be added at its end. */
function refuseBroken({ policy }: Home, toml: string, vkey: string): void {
  try {
    parsePolicy(toml, policy);
  } catch (error) {
    throw new QpoeError(
      'refused',
      `${policy} can't take a [[log]] at its end, where your own log's key belongs`,
      `write each of its logs as [[log]], or add this one yourself: vkey = "${vkey}"`,
      { cause: error },
    );
  }
}
