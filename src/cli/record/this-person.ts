/** By what this machine and its user would be known. */

import { homedir, hostname, userInfo } from 'node:os';
import type { Person } from '../../record/withhold.ts';

export function thisPerson(): Person {
  let user = '';
  try {
    user = userInfo().username;
  } catch {
    // A user without an account (in a container) has no name that could be told.
  }
  return { user, home: homedir(), host: hostname() };
}
