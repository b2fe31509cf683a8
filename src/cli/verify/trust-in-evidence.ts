/**
 * Trust that lies where the evidence lies: whoever sent the one may have written the other. It is the person's own word that
 * put it there (`--policy`, `--home`, a variable), so that it counts; but never without a warning.
 */

import { realpathSync, statSync } from 'node:fs';
import { dirname, sep } from 'node:path';
import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import { defaultHome } from '../../store/home.ts';
import type { Trust } from '../../verify/trust.ts';
import type { Context } from '../context.ts';

export interface Warning {
  readonly code: 'trust.in-evidence';
  readonly message: string;
}

/** Where evidence lies: of a file the folder around it. */
interface Place {
  readonly folder: string;
  /** Whether the folder itself is verified. */
  readonly verified: boolean;
}

/** @param paths files and folders that are verified */
export function warnOfTrustInEvidence(
  { home, environment }: Pick<Context, 'home' | 'environment'>,
  paths: readonly string[],
  trust: Trust,
): readonly Warning[] {
  const places = paths.filter((path) => path !== '-').flatMap(placeOf);
  const usual = usualHome(environment);
  const policy = trust.kind === 'policy' ? [{ what: 'the policy', path: trust.path }] : [];
  return [...policy, { what: 'the home', path: home.path }].flatMap(({ what, path }) => {
    const real = realPath(path);
    if (real === undefined) return [];
    // `~/.config/qpoe` lies below `~`, where a file may well be: nobody could have told the person to take it from there.
    const isUsual = usual !== undefined && isWithin(real, usual);
    const around = places.find(({ folder, verified }) => isWithin(real, folder) && (verified || !isUsual));
    return around === undefined ? [] : [warning(what, path, around)];
  });
}

function warning(what: string, path: string, { folder }: Place): Warning {
  const message = `${what} ${printable(path)} lies with the evidence in ${printable(folder)}: whoever sent that may have written whom you trust`;
  return { code: 'trust.in-evidence', message };
}

function placeOf(path: string): Place[] {
  const real = realPath(path);
  if (real === undefined) return [];
  const verified = statSync(real, { throwIfNoEntry: false })?.isDirectory() === true;
  return [{ folder: verified ? real : dirname(real), verified }];
}

function usualHome({ QPOE_HOME: _, ...environment }: NodeJS.ProcessEnv): string | undefined {
  try {
    return realPath(defaultHome(environment));
  } catch (error) {
    if (error instanceof QpoeError) return undefined;
    throw error;
  }
}

/** Undefined where nothing is there to be read: then nothing comes from there either. */
function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
