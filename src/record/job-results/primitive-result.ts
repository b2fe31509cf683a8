/**
 * `{"__type__":"PrimitiveResult","__value__":{"pub_results":[PubResult…],"metadata":{…}}}`, and
 * `{"__type__":"SamplerPubResult","__value__":{"data":DataBin,"metadata":{…}}}`.
 */

import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { readDataBin } from './data-bin.ts';
import { demandEncoded, type Inflation } from './encoded.ts';
import type { PubOutcome } from './pub-outcome.ts';
import { Undecodable } from './undecodable.ts';

export interface PrimitiveResult {
  readonly pubs: readonly PubOutcome[];
  readonly metadata: JsonObject;
}

/** @throws Undecodable */
export function readPrimitiveResult(value: JsonValue, inflation: Inflation): PrimitiveResult {
  const { pub_results: pubs, metadata } = demandEncoded(value, 'PrimitiveResult');
  if (!Array.isArray(pubs)) throw new Undecodable('a PrimitiveResult without PUBs');
  return {
    pubs: pubs.map((pub) => readPubResult(pub, inflation)),
    metadata: isJsonObject(metadata) ? metadata : {},
  };
}

/** One PUB that isn't understood doesn't spoil the others. */
function readPubResult(value: JsonValue, inflation: Inflation): PubOutcome {
  let metadata: JsonObject = {};
  try {
    const pub = demandEncoded(value, 'PubResult', 'SamplerPubResult', 'EstimatorPubResult');
    metadata = isJsonObject(pub.metadata) ? pub.metadata : {};
    return readDataBin(pub.data, metadata, inflation);
  } catch (error) {
    if (!(error instanceof Undecodable)) throw error;
    return { kind: 'other', reason: error.message, metadata };
  }
}
