/** Every way in which the tests edit a document: its members by path, and what each may be replaced with. */

export type Path = readonly string[];
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Every member at any depth, a parent before its children. */
export function* paths(value: Json, at: Path = []): Generator<Path> {
  if (at.length > 0) yield at;
  if (typeof value !== 'object' || value === null) return;
  for (const [name, child] of Object.entries(value)) yield* paths(child, [...at, name]);
}

export function get(document: Json, path: Path): Json {
  return path.reduce<Json>((value, step) => (value as Record<string, Json>)[step]!, document);
}

/** A copy of the document in which `change` was made at `path`. */
export function edit(
  document: Json,
  path: Path,
  change: (parent: Record<string, Json>, name: string) => void,
): Json {
  const copy = structuredClone(document);
  change(get(copy, path.slice(0, -1)) as Record<string, Json>, path.at(-1)!);
  return copy;
}

export const SUBSTITUTES: readonly Json[] = [
  null,
  true,
  false,
  0,
  1,
  -1,
  0.5,
  '',
  '0',
  'x',
  [],
  {},
  [0],
  { a: 1 },
  2 ** 53 - 1,
];

/** What is like the value and isn't it. */
export function variants(value: Json): Json[] {
  if (value === null) return [];
  if (typeof value === 'boolean') return [!value];
  if (typeof value === 'number') return [value + 1, -value - 1, value / 3, String(value), [value]];
  if (typeof value === 'string')
    return [`${value} `, value.slice(1), value.toUpperCase(), flip(value), [value], { [value]: 1 }];
  if (Array.isArray(value)) return [[...value, ...value], [...value, null], value.slice(1)];
  return [{ ...value, extra: 1 }, [value], Object.entries(value)];
}

/** The same length and alphabet, one character on. */
function flip(text: string): string {
  return text.replace(/[0-9a-zA-Z]/, (character) =>
    character === '0' ? '1' : character === 'a' ? 'b' : character === '1' ? '2' : '0',
  );
}
