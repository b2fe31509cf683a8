/** The instances of an account, by IBM Cloud's search: for accounts that were saved without a CRN. */

import { utf8 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import { type Patience, requestPatiently } from '../online/http-request.ts';
import type { Account } from './account.ts';
import { addressesOf, isCrn } from './addresses.ts';
import { searchAnswer } from './answers.ts';
import { parseAnswer } from './client.ts';
import type { TokenSource } from './iam.ts';

const MAX_PAGES = 20;

/** @throws QpoeError `usage` where none is meant, or more than one could be */
export async function findInstance(
  account: Account,
  tokens: TokenSource,
  patience: Patience,
): Promise<string> {
  const { instance } = account;
  if (instance !== undefined && isCrn(instance)) return instance;
  const all = await listInstances(addressesOf(account, undefined).search, tokens, patience);
  const meant = all.filter(({ name }) => instance === undefined || name === instance);
  if (meant.length === 1) return meant[0]!.crn;
  const names = all.map(({ name }) => printable(name ?? 'unnamed', 80)).join(', ') || 'none';
  throw new QpoeError(
    'usage',
    instance === undefined
      ? `${account.where} names no instance, and has ${all.length}`
      : `${meant.length} instances of ${account.where} are called "${printable(instance, 80)}"`,
    `name one with --instance CRN: ${names}`,
  );
}

interface Instance {
  readonly crn: string;
  readonly name?: string | null | undefined;
}

async function listInstances(search: string, tokens: TokenSource, patience: Patience): Promise<Instance[]> {
  const found: Instance[] = [];
  let cursor: string | null | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const request = {
      query: 'service_name:quantum-computing',
      fields: ['crn', 'name'],
      search_cursor: cursor,
    };
    const answer = await requestPatiently(
      {
        url: `${search}/v3/resources/search?limit=100`,
        method: 'POST',
        headers: {
          authorization: `Bearer ${await tokens.get()}`,
          'content-type': 'application/json',
          accept: 'application/json',
        },
        body: utf8(JSON.stringify(request)),
      },
      patience,
    );
    if (answer.status !== 200)
      throw new QpoeError(
        'external',
        `${search} does not list the account's instances (${answer.status})`,
        'name one with --instance CRN',
      );
    const { items, search_cursor: next } = parseAnswer(searchAnswer, answer, 'the search');
    found.push(...items.filter(({ crn }) => isCrn(crn)));
    cursor = next;
    if (!cursor) break;
  }
  return found;
}
