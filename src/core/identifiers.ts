/** Every name under our own address. Nothing resolves them, and none may ever change its meaning. */

const BASE = 'https://quantum-proof-of-execution.dev';

/** in-toto `predicateType` of a record's statement. Another version of it is another literal. */
export const RECORD_PREDICATE = `${BASE}/predicates/execution-record/v1`;
const RECORD_PREDICATES = RECORD_PREDICATE.slice(0, -1);

/** in-toto `predicateType` of an archive's manifest. */
export const PUBLICATION_PREDICATE = `${BASE}/predicates/publication/v1`;
/** in-toto `predicateType` of the statement that says whose an anonymous archive is. */
export const LINK_PREDICATE = `${BASE}/predicates/publication-link/v1`;
/** in-toto `predicateType` of what someone found who ran an archive's records again. */
export const REPRODUCTION_PREDICATE = `${BASE}/predicates/reproduction/v1`;

/** Whether a predicate is a record's, of a version that this program doesn't know. */
export function isNewerRecordPredicate(predicateType: string): boolean {
  const version = predicateType.startsWith(RECORD_PREDICATES)
    ? predicateType.slice(RECORD_PREDICATES.length)
    : '';
  return predicateType !== RECORD_PREDICATE && /^[1-9]\d{0,3}$/.test(version);
}

/** `$id` of the JSON Schema in `docs/schema/<name>.schema.json`. */
export function schemaId(name: string): string {
  return `${BASE}/schema/${name}.schema.json`;
}

/** `type` of a JSON answer of the command line (`--json`). */
export function answerType(command: string): string {
  return `${BASE}/answer/${command}/v1`;
}
