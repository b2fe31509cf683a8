/**
 * Where an account's services are. IBM's API is at the region that the instance's CRN names:
 *
 *     crn:v1:bluemix:public:quantum-computing:eu-de:a/<account>:<instance>:: → https://eu-de.quantum.cloud.ibm.com/api/v1
 *
 * An account whose address isn't IBM's cloud (the emulator) is asked there, for the token too.
 */

import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import { serviceUrl } from '../online/http-request.ts';
import type { Account } from './account.ts';

export interface Addresses {
  readonly api: string;
  readonly iam: string;
  readonly search: string;
  /** Whether the API is at an address of IBM's. Another address could name a person's machine. */
  readonly isIbm: boolean;
}

const CRN = /^crn:v\d+:[^:]*:[^:]*:[^:]*:([^:]*):[^:]*:[^:]*:[^:]*:[^:]*$/;

export function isCrn(text: string): boolean {
  return CRN.test(text);
}

/** @param crn of the instance; without one only the token and the search have an address that counts */
export function addressesOf(account: Account, crn: string | undefined): Addresses {
  const url = new URL(serviceUrl(account.url));
  const isIbm = url.hostname === 'cloud.ibm.com' || url.hostname.endsWith('.cloud.ibm.com');
  const inside = account.isPrivate ? 'private.' : '';
  const base = isIbm ? 'cloud.ibm.com' : url.host;
  const { iamUrl, searchUrl } = account;
  return {
    isIbm,
    api: isIbm && !url.hostname.includes('quantum.') ? ibmApi(account, crn) : apiAt(url),
    iam: serviceUrl(iamUrl ?? (isIbm ? `https://${inside}iam.${base}` : url.origin)),
    search: serviceUrl(searchUrl ?? (isIbm ? `https://api.global-search-tagging.${base}` : url.origin)),
  };
}

function ibmApi({ isPrivate }: Account, crn: string | undefined): string {
  const region = crn === undefined ? 'us-east' : CRN.exec(crn)?.[1];
  if (region === undefined || !/^[a-z0-9-]+$/.test(region))
    throw new QpoeError(
      'usage',
      `"${printable(crn ?? '', 60)}" is not the CRN of an instance`,
      'it begins with crn:',
    );
  if (isPrivate) return `https://private.${region}.quantum.cloud.ibm.com/api/v1`;
  return `https://${region === 'us-east' ? '' : `${region}.`}quantum.cloud.ibm.com/api/v1`;
}

function apiAt(url: URL): string {
  return url.pathname === '/' ? `${url.origin}/api/v1` : `${url.origin}${url.pathname}`;
}
