/** Every name under our own address. Nothing resolves them, and none may ever change its meaning. */

const BASE = 'https://quantum-proof-of-execution.dev';

/** `$id` of the JSON Schema in `docs/schema/<name>.schema.json`. */
export function schemaId(name: string): string {
  return `${BASE}/schema/${name}.schema.json`;
}

/** `type` of a JSON answer of the command line (`--json`). */
export function answerType(command: string): string {
  return `${BASE}/answer/${command}/v1`;
}
