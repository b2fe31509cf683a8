/**
 * Submitting an envelope by a bare P-256 key to a Rekor, and its entry as a Sigstore bundle holds it.
 *
 * What is sent is a function of the envelope, and so is the entry's body: sent again after an answer was lost, it is the entry
 * that is there already, which the server says instead of making a second one. The envelope must be stored before it is sent,
 * because a signature made anew would be another entry. What the server answers is verified as a stranger would verify it,
 * by the key of a trusted root, before anyone gets to see it.
 */

import type { LogEntry } from '../attest/log-entry.ts';
import { QpoeError } from '../core/error.ts';
import type { LoggedEnvelope } from '../verify/rekor-body.ts';
import { judgeRekorEntry } from '../verify/rekor-checks.ts';
import { serviceUrl } from './http-request.ts';
import { submitToRekorV1 } from './rekor-client-v1.ts';
import { submitToRekorV2 } from './rekor-client-v2.ts';
import { type RekorService, unusable } from './rekor-service.ts';

/** @throws QpoeError `external`: the service, or what it answered; `usage`: the address, no log's key; `interrupted` */
export async function submitToRekor(service: RekorService, submission: LoggedEnvelope): Promise<LogEntry> {
  if (service.logs.length === 0)
    throw new QpoeError(
      'usage',
      'no trusted root names a Rekor whose answer could be verified',
      'name one in your policy: a [[log]] with trusted_root = "public-good" or a file',
    );
  const at = { ...service, url: serviceUrl(service.url) };
  const entry = await submit(at, submission);
  const { entry: body, inclusion, checkpoint } = await judgeRekorEntry(entry, submission, service.logs);
  const wrong = [body, inclusion, checkpoint].find(({ status }) => status !== 'pass');
  if (wrong === undefined) return entry;
  throw unusable(at.url, `what it answered is refused: ${wrong.evidence}`);
}

async function submit(service: RekorService, submission: LoggedEnvelope): Promise<LogEntry> {
  const { version = 'auto' } = service;
  if (version === 'v1') return submitToRekorV1(service, submission);
  const entry = await submitToRekorV2(service, submission);
  if (entry !== 'no v2 here') return entry;
  if (version === 'v2') throw unusable(service.url, 'it is no Rekor v2');
  return submitToRekorV1(service, submission);
}
