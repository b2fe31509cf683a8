/** OpenSSL as an RFC 3161 authority: certificates of any validity, and an HTTP service that stamps with them. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RFC3161Timestamp } from '@sigstore/core';
import { onTestFinished } from 'vitest';
import { der } from './sigstore-instance.ts';

/** Why it can't be used here; undefined where it can. */
export const NO_OPENSSL: string | undefined =
  spawnSync('openssl', ['version']).status === 0 ? undefined : 'openssl is not installed';

const CONFIG = `
[ca]
default_ca = ca_default
[ca_default]
dir = .
database = index.txt
serial = serial.txt
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
rand_serial = yes
[any]
commonName = supplied
[req]
distinguished_name = dn
[dn]
[root]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[short]
basicConstraints = critical,CA:true,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
[no_ca]
basicConstraints = critical,CA:false
[tsa]
basicConstraints = CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[two_uses]
extendedKeyUsage = critical,timeStamping,codeSigning
[uncritical]
extendedKeyUsage = timeStamping
[constrained]
extendedKeyUsage = critical,timeStamping
nameConstraints = critical,permitted;DNS:example.org
`;

const AUTHORITY = `
[tsa]
default_tsa = authority
[authority]
serial = tsa-serial.txt
crypto_device = builtin
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
`;

type Extensions = 'root' | 'short' | 'no_ca' | 'tsa' | 'two_uses' | 'uncritical' | 'constrained';

interface CertificateOptions {
  readonly extensions: Extensions;
  /** The name of its issuer; its own for a root. */
  readonly issuer?: string;
  readonly from?: Date;
  readonly to?: Date;
  readonly key?: 'ec' | 'rsa';
}

export interface StampOptions {
  readonly signer: string;
  /** Names of certificates that come along beside the signer's. */
  readonly along?: readonly string[];
  readonly digest?: 'sha256' | 'sha384' | 'sha512';
  readonly ess?: 'sha1' | 'sha256' | 'sha512';
}

const TST_INFO = '1.2.840.113549.1.9.16.1.4';
const DAY_MS = 86_400_000;
const asn1Time = (at: Date) => at.toISOString().replace(/[-:T]|\.\d+/g, '');

export interface OpensslAuthority {
  /** @returns the path of the certificate's PEM */
  certify(name: string, options: CertificateOptions): string;
  path(name: string): string;
  /** Answers a query. */
  stamp(query: Uint8Array, options: StampOptions): Buffer;
  /** The same content signed by whichever certificate, also by one with which `openssl ts` would not stamp. */
  resign(stamp: Uint8Array, signer: string, options?: { readonly bound?: boolean }): Buffer;
  /** A second certificate of a key, that differs in its validity alone. @returns its path */
  recertify(name: string, copy: string, issuer: string): string;
  /** The query that `openssl ts` itself makes. */
  query(data: Uint8Array, ...args: readonly string[]): Buffer;
  /** Whether openssl accepts the stamp, at a time of its choice. */
  accepts(stamp: Uint8Array, data: Uint8Array, root: string): boolean;
}

/** @param root a folder that the caller removes */
export function opensslAuthority(root: string): OpensslAuthority {
  const folder = mkdtempSync(join(root, 'openssl-'));
  const file = (name: string) => join(folder, name);
  const openssl = (...args: readonly string[]) =>
    spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
  const run = (...args: readonly string[]) => {
    const { status, stderr } = openssl(...args);
    if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`);
  };
  writeFileSync(file('openssl.cnf'), CONFIG);
  writeFileSync(file('index.txt'), '');
  writeFileSync(file('tsa-serial.txt'), '01');
  const config = ['-config', 'openssl.cnf'];

  const certify = (name: string, options: CertificateOptions): string => {
    const { extensions, issuer = name, key = 'ec' } = options;
    const { from = new Date(Date.now() - DAY_MS), to = new Date(Date.now() + 365 * DAY_MS) } = options;
    const pem = `${name}.key`;
    if (key === 'ec') run('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', pem);
    else run('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', pem);
    run('req', '-new', '-key', pem, '-subj', `/CN=${name}`, '-out', `${name}.csr`, ...config);
    const own = issuer === name ? ['-selfsign'] : ['-cert', `${issuer}.pem`];
    run(
      ...['ca', '-batch', '-notext', ...config, '-in', `${name}.csr`, '-out', `${name}.pem`, ...own],
      ...['-keyfile', `${issuer}.key`, '-extensions', extensions],
      ...['-startdate', asn1Time(from), '-enddate', asn1Time(to)],
    );
    return file(`${name}.pem`);
  };

  const stamp = (query: Uint8Array, options: StampOptions): Buffer => {
    const { signer, along = [], digest = 'sha256', ess = 'sha256' } = options;
    writeFileSync(file('query.tsq'), query);
    writeFileSync(file('along.pem'), along.map((name) => readFileSync(file(`${name}.pem`))).join(''));
    writeFileSync(file('stamp.cnf'), `${AUTHORITY}ess_cert_id_alg = ${ess}\n`);
    run(
      ...['ts', '-reply', '-config', 'stamp.cnf', '-queryfile', 'query.tsq', '-out', 'stamp.tsr'],
      ...['-signer', `${signer}.pem`, '-inkey', `${signer}.key`, `-${digest}`],
      ...(along.length === 0 ? [] : ['-chain', 'along.pem']),
    );
    return readFileSync(file('stamp.tsr'));
  };

  return {
    certify,
    path: (name) => file(`${name}.pem`),
    stamp,
    resign: (stamp, signer, { bound = true } = {}) => {
      writeFileSync(file('content.der'), RFC3161Timestamp.parse(Buffer.from(stamp)).tstInfo.raw);
      run(
        ...['cms', '-sign', '-binary', '-nodetach', '-nosmimecap', '-outform', 'DER', '-out', 'signed.der'],
        ...['-in', 'content.der', '-econtent_type', TST_INFO, ...(bound ? ['-cades'] : [])],
        ...['-signer', `${signer}.pem`, '-inkey', `${signer}.key`],
      );
      return der(0x30, Buffer.from('3003020100', 'hex'), readFileSync(file('signed.der')));
    },
    recertify: (name, copy, issuer) => {
      const serial = openssl('x509', '-in', `${name}.pem`, '-noout', '-serial').stdout.trim().split('=')[1]!;
      run(
        ...['x509', '-req', '-in', `${name}.csr`, '-set_serial', `0x${serial}`, '-days', '3'],
        ...['-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`, '-out', `${copy}.pem`],
        ...['-extfile', 'openssl.cnf', '-extensions', 'tsa'],
      );
      return file(`${copy}.pem`);
    },
    query: (data, ...args) => {
      writeFileSync(file('data'), data);
      run('ts', '-query', '-data', 'data', '-out', 'made.tsq', ...args);
      return readFileSync(file('made.tsq'));
    },
    accepts: (stamp, data, name) => {
      writeFileSync(file('check.tsr'), stamp);
      writeFileSync(file('data'), data);
      const args = ['ts', '-verify', '-data', 'data', '-in', 'check.tsr', '-CAfile', `${name}.pem`];
      return openssl(...args).status === 0;
    },
  };
}

export interface TimestampServer {
  readonly url: string;
  readonly close: () => void;
}

/** @param answer to a query */
export async function serveTimestamps(answer: (query: Buffer) => Buffer): Promise<TimestampServer> {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    if (request.headers['content-type'] !== 'application/timestamp-query')
      return response.writeHead(415).end();
    response.writeHead(200, { 'content-type': 'application/timestamp-reply' });
    response.end(answer(Buffer.concat(parts)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/tsr`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** An authority of a root's, and its service; both end with the test. */
export async function startAuthority() {
  const root = mkdtempSync(join(tmpdir(), 'qpoe-tsa-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const openssl = opensslAuthority(root);
  openssl.certify('root', { extensions: 'root' });
  openssl.certify('tsa', { extensions: 'tsa', issuer: 'root' });
  const service = await serveTimestamps((query) => openssl.stamp(query, { signer: 'tsa' }));
  onTestFinished(() => service.close());
  return { url: service.url, certificate: openssl.path('root') };
}
