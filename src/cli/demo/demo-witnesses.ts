/** Two witnesses in this process: what they are asked and answer is what goes over HTTP elsewhere, without the socket. */

import { join } from 'node:path';
import { utf8 } from '../../core/bytes.ts';
import type { Post } from '../../online/witness-client.ts';
import { answerSubmission } from '../../online/witness-server.ts';
import { homeAt } from '../../store/home.ts';
import { createWitnessKey } from '../../store/witness-key.ts';
import { formatVkey, type Vkey } from '../../tlog/vkey.ts';
import type { DemoPlace } from './demo-place.ts';

export interface DemoWitnesses {
  /** Their verifier keys. */
  readonly vkeys: readonly string[];
  /** `NAME=URL`, as `log cosign` takes them. */
  readonly targets: readonly string[];
  readonly post: Post;
}

const NAMES = ['witness-1.demo.qpoe.internal', 'witness-2.demo.qpoe.internal'];

/** @param log the key of the log that they cosign */
export function makeWitnesses({ path }: DemoPlace, log: Vkey): DemoWitnesses {
  const witnesses = NAMES.map((name) => createWitnessKey(homeAt(join(path, name)), undefined, name));
  return {
    vkeys: witnesses.map(({ vkey }) => formatVkey(vkey)),
    targets: NAMES.map((name) => `${name}=https://${name}`),
    post: async (endpoint, submission) => {
      const witness = witnesses.find(({ vkey }) => vkey.name === new URL(endpoint).hostname)!;
      const { status, body = '' } = await answerSubmission(submission, { witness, logs: [log] });
      return { status, body: typeof body === 'string' ? utf8(body) : body };
    },
  };
}
