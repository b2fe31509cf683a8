/** What `qpoe doctor` says of the store's log: that it is there, whole where a writer begins, and of a key that this home has. */

import { join } from 'node:path';
import { count } from '../../core/count.ts';
import { readOwnPolicy } from '../../store/home.ts';
import { hasIdentity } from '../../store/identity.ts';
import { hasLog, readOrigin, refuseLost } from '../../store/log.ts';
import { openSignedCheckpoint, readCheckpoint } from '../../store/log-checkpoint.ts';
import { logVkeys } from '../../store/log-key.ts';
import { hasStore, openStore } from '../../store/store.ts';
import { formatVkey, type Vkey } from '../../tlog/vkey.ts';
import { policyLogs } from '../../verify/log-checks.ts';
import type { Context } from '../context.ts';
import { logFolder } from '../log/log-place.ts';
import type { Level } from './finding.ts';

/** @throws QpoeError where it is damaged or gone: that is a finding */
export function examineLog(context: Context): [Level, string] {
  const { storePath, home } = context;
  if (!hasStore(storePath)) return NONE;
  const folder = logFolder(openStore(storePath));
  refuseLost(folder, home);
  if (!hasLog(folder)) return NONE;
  const origin = readOrigin(folder);
  const vkey = logVkeys(home).find(({ name }) => name === origin);
  return vkey === undefined ? examineOthers(context, origin) : examineOwn(context, folder, vkey);
}

const NONE: [Level, string] = ['note', 'none yet; the first statement makes it'];

function examineOthers({ home }: Context, origin: string): [Level, string] {
  return hasIdentity(home)
    ? [
        'problem',
        `${origin}: its key is in another home, and what you run here is not logged; ` +
          'give that home with --home or QPOE_HOME, or keep a store of your own with --store DIR',
      ]
    : ['note', `${origin}: its key is in another home, which alone can append to it`];
}

function examineOwn({ home }: Context, folder: string, vkey: Vkey): [Level, string] {
  const { value: signed, fault } = openSignedCheckpoint(readCheckpoint(folder), vkey);
  if (fault !== undefined)
    return [
      'problem',
      `${join(folder, 'checkpoint')} is damaged: ${fault}; restore ${folder} from your backup`,
    ];
  const trusted = [...policyLogs(readOwnPolicy(home) ?? { version: 1 }).values()];
  const known = trusted.some((log) => formatVkey(log.vkey) === formatVkey(vkey));
  if (!known && signed.size === 0)
    return ['note', `${vkey.name}, without an entry; the first one makes your policy know it`];
  return known
    ? ['ok', `${vkey.name}, ${count(signed.size, 'entry', 'entries')}; \`qpoe log fsck\` checks every file`]
    : ['problem', `your policy doesn't know ${vkey.name}: qpoe policy add-log ${formatVkey(vkey)}`];
}
