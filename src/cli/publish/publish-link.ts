/** `qpoe publish --link`: says by your identity's signature that an anonymous archive is yours, and of which records. */

import { toBase64, utf8 } from '../../core/bytes.ts';
import { digestOf } from '../../core/digest.ts';
import { QpoeError } from '../../core/error.ts';
import { LINK_V1, type LinkClaim, linkPayload } from '../../publish/link.ts';
import { openingDigest } from '../../publish/republish.ts';
import { identityFingerprint, readIdentity, spki } from '../../store/identity.ts';
import { readOwnJson } from '../../store/own-json.ts';
import { readAnonymous } from '../../store/publications.ts';
import { signStatement } from '../../store/sign-statement.ts';
import { addStatements, publicationFolder } from '../../store/statements.ts';
import { openStore } from '../../store/store.ts';
import { type Context, readPassphrase } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { enterKept } from '../log/enter-log.ts';
import { checkOut, refuseSameFile, writeOut } from '../output.ts';
import { readArchiveFile } from '../verify/archive-file.ts';

export async function linkArchive(
  context: Context,
  path: string,
  selections: readonly string[],
  { out = 'link.json' }: { readonly out?: string },
): Promise<ExitCode> {
  if (selections.length > 0)
    throw new QpoeError('usage', '--link takes no selection', 'give one or the other');
  checkOut(out);
  refuseSameFile(out, path, 'the archive');
  const store = openStore(context.storePath);
  const { manifest, digest } = readArchiveFile(path);
  if (manifest.anonymous === undefined)
    throw new QpoeError(
      'usage',
      `${path} is not anonymous`,
      'its signer stands in it: there is nothing to link',
    );
  const claim = readAnonymous(store, digest) as unknown as LinkClaim | undefined;
  if (claim === undefined)
    throw new QpoeError(
      'refused',
      `${store.path} did not make ${path}`,
      'name the store that it was published from',
    );
  const identity = readIdentity(context.home, readPassphrase(context.environment));
  const isOurs =
    openingDigest(claim.identity) === manifest.anonymous.identity.withheld &&
    claim.identity.value === identityFingerprint(identity);
  if (!isOurs)
    throw new QpoeError(
      'refused',
      'this home holds another identity than the archive’s',
      'name its home with --home DIR',
    );
  const payload = linkPayload(digest, claim);
  const kept = addStatements(
    store,
    publicationFolder(store, digestOf(payload)),
    signStatement(identity, payload),
  );
  const entered = await enterKept(context, store, kept);
  const link = {
    mediaType: LINK_V1,
    keys: [identity.ed25519, identity.p256, identity.mlDsa65].map((key) => toBase64(spki(key))),
    statements: kept.map((statement) => readOwnJson(statement.path)),
  };
  writeOut(out, utf8(`${JSON.stringify(link)}\n`));
  context.say(`link    ${out}`);
  context.say(`says    archive ${digest} is by ${identityFingerprint(identity)}`);
  context.note(
    `it shows ${claim.records.length} original hashes too; next: qpoe reveal --check ${out} ${path}`,
  );
  context.answer('publish-link', {
    path: out,
    manifest: digest,
    identity: identityFingerprint(identity),
    records: claim.records.length,
    ...(entered === undefined ? {} : { log_entry: { log: entered.log, log_index: entered.index } }),
  });
  return EXIT.pass;
}
