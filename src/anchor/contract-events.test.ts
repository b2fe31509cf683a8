import fc from 'fast-check';
import { AbiEvent } from 'ox';
import { describe, expect, it } from 'vitest';
import { checkpointLog, filled, submittedLog, word } from '../../test/chain-evidence.ts';
import { type Bytes, concatenate, utf8 } from '../core/bytes.ts';
import {
  CHECKPOINT_SIGNATURE,
  CHECKPOINT_TOPIC,
  readCheckpointEvent,
  readSubmittedEvent,
  SUBMITTED_SIGNATURE,
  SUBMITTED_TOPIC,
} from './contract-events.ts';
import { toHexData } from './hex-data.ts';
import { keccak256 } from './keccak.ts';

const ID = filled(32, 1);
const ROOT = filled(32, 2);
const SENDER = filled(20, 3);

describe('the topics', () => {
  it('are the signatures’ hashes', () => {
    expect(CHECKPOINT_TOPIC).toEqual(keccak256(utf8(CHECKPOINT_SIGNATURE)));
    expect(SUBMITTED_TOPIC).toEqual(keccak256(utf8(SUBMITTED_SIGNATURE)));
  });

  it('are those of the events as the contract declares them', () => {
    const declared = (text: string) => AbiEvent.getSelector(AbiEvent.from(text as 'event E()'));
    expect(declared('event Checkpoint(bytes32 indexed logId, uint64 size, bytes32 root)')).toBe(
      toHexData(CHECKPOINT_TOPIC),
    );
    expect(
      declared('event Submitted(bytes32 indexed recordHash, address indexed submitter, uint256 timestamp)'),
    ).toBe(toHexData(SUBMITTED_TOPIC));
  });
});

describe('a checkpoint’s event', () => {
  it('is read with every size up to 2^53−1', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (size) => {
        expect(readCheckpointEvent(checkpointLog(ID, size, ROOT)).value).toEqual({
          logId: ID,
          size,
          root: ROOT,
        });
      }),
    );
    const most = 2 ** 53 - 1;
    expect(readCheckpointEvent(checkpointLog(ID, most, ROOT)).value?.size).toBe(most);
  });

  it.each([2n ** 53n, 2n ** 64n - 1n, 2n ** 64n, 2n ** 255n + 5n])('of size %d is refused', (size) =>
    expect(readCheckpointEvent(checkpointLog(ID, size, ROOT)).code).toBe('anchor.data'),
  );

  it.each([
    ['no topic', []],
    ['its own topic alone', [CHECKPOINT_TOPIC]],
    ['a topic more', [CHECKPOINT_TOPIC, ID, ID]],
    ['the other event’s topic', [SUBMITTED_TOPIC, ID]],
    ['its topics swapped', [ID, CHECKPOINT_TOPIC]],
  ] as [string, Bytes[]][])('with %s is refused', (_, topics) =>
    expect(readCheckpointEvent({ ...checkpointLog(ID, 5, ROOT), topics }).code).toBe('anchor.topic'),
  );

  it.each([0, 1, 31, 32, 63, 65, 96])('with %d bytes of data is refused', (length) => {
    const data = concatenate([word(5), ROOT, filled(32, 0)]).subarray(0, length);
    expect(readCheckpointEvent({ ...checkpointLog(ID, 5, ROOT), data }).code).toBe('anchor.data');
  });
});

describe('a record’s event', () => {
  const log = submittedLog(ID, SENDER, 1_740_508_595);

  it('is read', () =>
    expect(readSubmittedEvent(log).value).toEqual({
      recordHash: ID,
      submitter: SENDER,
      timestamp: 1_740_508_595,
    }));

  it('is not that of a submitter with anything before the address', () => {
    for (let at = 0; at < 12; at++) {
      const topics = log.topics.with(2, log.topics[2]!.with(at, 1));
      expect(readSubmittedEvent({ ...log, topics }).code).toBe('anchor.topic');
    }
  });

  it.each([
    ['no topic', []],
    ['two topics', log.topics.slice(0, 2)],
    ['a topic more', [...log.topics, ID]],
    ['the other event’s topic', log.topics.with(0, CHECKPOINT_TOPIC)],
  ] as [string, Bytes[]][])('with %s is refused', (_, topics) =>
    expect(readSubmittedEvent({ ...log, topics }).code).toBe('anchor.topic'),
  );

  it.each([0, 31, 33, 64])('with %d bytes of data is refused', (length) =>
    expect(readSubmittedEvent({ ...log, data: filled(length, 0) }).code).toBe('anchor.data'),
  );

  it('of a time beyond 2^53−1 is refused', () =>
    expect(readSubmittedEvent({ ...log, data: filled(32, 1) }).code).toBe('anchor.data'));
});
