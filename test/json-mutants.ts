/** A JSON document with one thing changed: each member edited, taken away or doubled, one at a time. */

import type { JsonObject, JsonValue } from '../src/core/json.ts';

export function* mutantsOf(value: JsonValue): Generator<JsonValue> {
  if (typeof value === 'string') yield `${value}x`;
  if (typeof value === 'number') yield value + 1;
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) {
      yield value.toSpliced(at, 1);
      yield value.toSpliced(at, 0, item);
      for (const mutant of mutantsOf(item)) yield value.with(at, mutant);
    }
    if (value.length > 1) yield value.toReversed();
    return;
  }
  yield { ...value, stranger: 1 };
  for (const [name, member] of Object.entries(value)) {
    const { [name]: _, ...others } = value as JsonObject;
    yield others;
    for (const mutant of mutantsOf(member as JsonValue)) yield { ...value, [name]: mutant };
  }
}
