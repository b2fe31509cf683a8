import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { subjectOf, tokenSource } from './iam.ts';

async function iam(answer: (bought: number) => { status: number; body: string }): Promise<string> {
  let bought = 0;
  const server = createServer((_, response) => {
    const { status, body } = answer(++bought);
    response.writeHead(status).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const token = (n: number) => ({
  status: 200,
  body: JSON.stringify({ access_token: `t${n}`, expires_in: 100 }),
});
const patience = { attempts: 1 };

it('buys a token once, again before it ends, and again where it is refused', async () => {
  let now = 0;
  const tokens = tokenSource({ iam: await iam(token), key: 'k', where: 'x', patience, now: () => now });
  expect(await Promise.all([tokens.get(), tokens.get(), tokens.get()])).toEqual(['t1', 't1', 't1']);
  now = 79_000;
  expect(await tokens.get()).toBe('t1');
  now = 81_000;
  expect(await tokens.get()).toBe('t2');
  expect(await tokens.get('t2')).toBe('t3');
  // Another request was refused the same token: it is replaced by now.
  expect(await tokens.get('t2')).toBe('t3');
});

it('tries again after a failure', async () => {
  const tokens = tokenSource({
    iam: await iam((n) => (n === 1 ? { status: 500, body: '' } : token(n))),
    key: 'k',
    where: 'x',
    patience,
  });
  await expect(tokens.get()).rejects.toThrow(/it answers 500/);
  expect(await tokens.get()).toBe('t2');
});

it.each([
  ['{"errorMessage":"no key secret-key here"}', /400\): no key … here$/],
  ['<html>', /\(400\)$/],
])('never says the key: %s', async (body, message) => {
  const tokens = tokenSource({
    iam: await iam(() => ({ status: 400, body })),
    key: 'secret-key',
    where: 'the account',
    patience,
  });
  await expect(tokens.get()).rejects.toThrow(message);
});

it.each(['{}', '{"access_token":"a b","expires_in":1}', '{"access_token":"a","expires_in":0}', '[]'])(
  'takes no token from %s',
  async (body) => {
    const tokens = tokenSource({
      iam: await iam(() => ({ status: 200, body })),
      key: 'k',
      where: 'x',
      patience,
    });
    await expect(tokens.get()).rejects.toThrow(/answers no token/);
  },
);

it('reads whose token it is, where it says so', () => {
  const jwt = (claims: unknown) => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;
  expect(subjectOf(jwt({ iam_id: 'IBMid-1', sub: 'a@b' }))).toBe('IBMid-1');
  expect(subjectOf(jwt([]))).toBeUndefined();
  expect(subjectOf('opaque')).toBeUndefined();
});
