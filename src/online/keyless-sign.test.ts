import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { IDENTITY, ISSUER, NOW } from '../../test/sigstore-instance.ts';
import { FULCIO, REKOR, type Services, startServices, TSA, tokenOf } from '../../test/sigstore-services.ts';
import { utf8 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { verifyKeyless } from './keyless.ts';
import { ciIdentityToken, readIdentityToken, signKeyless } from './keyless-sign.ts';

const STATEMENT = {
  payload: utf8('{"_type":"https://in-toto.io/Statement/v1","subject":[]}'),
  payloadType: 'application/vnd.in-toto+json',
};
const TOKEN = tokenOf({ sub: IDENTITY });

let services: Services;
beforeAll(async () => {
  services = await startServices();
});
afterAll(() => services.close());
afterEach(() => {
  services.instead.clear();
  services.requests.length = 0;
  vi.unstubAllEnvs();
});

const sign = (options: Partial<Parameters<typeof signKeyless>[1]> = {}) =>
  signKeyless(STATEMENT, {
    fulcioUrl: services.url,
    rekorUrl: services.url,
    tsaUrl: services.url,
    identityToken: async () => TOKEN,
    timeoutMs: 2000,
    ...options,
  });

/** The error as a person sees it, which never holds the token. */
async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(QpoeError);
  const { code, message, hint } = error as QpoeError;
  expect(message + hint).not.toContain(TOKEN.split('.')[1]);
  return `${code}: ${message}; ${hint}`;
}

describe('keyless signing', () => {
  it('makes a bundle 0.3 that verifies, with both times', async () => {
    const bundle = await sign();
    expect(bundle).toMatchObject({ mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json' });
    expect(verifyKeyless(bundle, { kind: 'dsse' }, services.trustedRoot)).toMatchObject({
      status: 'pass',
      identity: IDENTITY,
      issuer: ISSUER,
      integratedTime: NOW.getTime(),
      timestamp: NOW.getTime(),
    });
  });

  it('needs no time-stamping authority', async () => {
    const bundle = await signKeyless(STATEMENT, {
      fulcioUrl: `${services.url}/`,
      rekorUrl: services.url,
      identityToken: async () => TOKEN,
    });
    expect(services.requests).not.toContain(TSA);
    const result = verifyKeyless(bundle, { kind: 'dsse' }, services.trustedRoot);
    expect(result).toMatchObject({ status: 'pass', integratedTime: NOW.getTime() });
  });

  it.each([
    [FULCIO, /^external: the certificate authority at URL did not issue a certificate: \(400\)/],
    [REKOR, /^external: the log at URL did not take the entry: \(400\)/],
    [TSA, /^external: the time-stamping authority at URL did not stamp the signature: \(400\)/],
  ])('says who refused, where and what to do: %s', async (path, reason) => {
    services.instead.set(path, { status: 400, body: 'no' });
    const said = await refusal(sign());
    expect(said.replaceAll(services.url, 'URL')).toMatch(reason);
    expect(said).toMatch(path === FULCIO ? /fresh identity token/ : /check the address/);
  });

  it.each([FULCIO, REKOR, TSA])('says what answers nonsense: %s', async (path) => {
    services.instead.set(path, { status: 201, type: 'application/json', body: '{"a":{}}' });
    const outcome = await sign().then(
      (bundle) => verifyKeyless(bundle, { kind: 'dsse' }, services.trustedRoot).status,
      (error) => error.code,
    );
    expect(outcome).toBe(path === TSA ? 'fail' : 'external');
  });

  it('gives up on a service that keeps silent', async () => {
    services.instead.set(REKOR, 'silence');
    const said = await refusal(sign({ timeoutMs: 200 }));
    expect(said).toMatch(/^external: the log at .* did not take the entry: .*timeout/);
    expect(services.requests.filter((path) => path === REKOR)).toHaveLength(2);
  });

  it('says which service is not there', async () => {
    const said = await refusal(sign({ fulcioUrl: 'http://127.0.0.1:9' }));
    expect(said).toMatch(/^external: the certificate authority at http:\/\/127\.0\.0\.1:9 .*ECONNREFUSED/);
  });

  it('stops when it is interrupted, and begins nothing after', async () => {
    services.instead.set(FULCIO, 'silence');
    const controller = new AbortController();
    const signing = sign({ signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    expect(await refusal(signing)).toMatch(/^interrupted: .*a log entry may have been made/);
    services.requests.length = 0;
    expect(await refusal(sign({ signal: controller.signal }))).toMatch(/^interrupted/);
    expect(services.requests).toEqual([]);
  });

  it.each(['http://fulcio.example.org', 'ftp://127.0.0.1', 'fulcio'])('sends no token to %s', async (url) => {
    expect(await refusal(sign({ fulcioUrl: url }))).toMatch(/^usage: .* is not an https address/);
  });
});

describe('the identity token', () => {
  const clearEnvironment = () => {
    for (const name of [
      'SIGSTORE_ID_TOKEN',
      'ACTIONS_ID_TOKEN_REQUEST_URL',
      'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
      'BUILDKITE',
    ])
      vi.stubEnv(name, undefined);
  };

  it('is asked for where there is none', async () => {
    clearEnvironment();
    expect(await refusal(sign({ identityToken: ciIdentityToken }))).toMatch(
      /^usage: no identity token here to sign with; in GitHub Actions .*SIGSTORE_ID_TOKEN/,
    );
    expect(services.requests).toEqual([]);
  });

  it('comes from the environment, or from GitHub Actions', async () => {
    clearEnvironment();
    vi.stubEnv('SIGSTORE_ID_TOKEN', TOKEN);
    expect(await ciIdentityToken()).toBe(TOKEN);
    clearEnvironment();
    services.instead.set('/token', { status: 200, type: 'application/json', body: `{"value":"${TOKEN}"}` });
    vi.stubEnv('ACTIONS_ID_TOKEN_REQUEST_URL', `${services.url}/token?api-version=2`);
    vi.stubEnv('ACTIONS_ID_TOKEN_REQUEST_TOKEN', 'secret');
    expect(await ciIdentityToken()).toBe(TOKEN);
  });

  it('comes from a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'qpoe-token-'));
    try {
      writeFileSync(join(folder, 'token'), `${TOKEN}\n`, { mode: 0o600 });
      expect(readIdentityToken(join(folder, 'token'))).toBe(TOKEN);
      expect(() => readIdentityToken(join(folder, 'none'))).toThrow(/can't read .*none/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    ['of another form', 'secret', /^usage: the identity token is not an OpenID Connect token/],
    ['without a subject', tokenOf({}), /^usage: the identity token names no verified subject/],
    [
      'of an address that no one verified',
      tokenOf({ email: 'ada@example.org' }),
      /^usage: the identity token names no verified subject/,
    ],
  ])('is refused %s, and not shown', async (_, token, reason) => {
    const said = await refusal(sign({ identityToken: async () => token }));
    expect(said).toMatch(reason);
    expect(said).not.toContain(token);
  });
});
