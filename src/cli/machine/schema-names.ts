/** The formats that `qpoe schema` knows; apart from their schemas, which help need not load. */

export const SCHEMA_NAMES = [
  'record',
  'circuit',
  'policy',
  'bundle',
  'config',
  'verify',
  'capture',
  'binding',
  'publication',
  'opening',
  'link',
  'reproduction',
  'checklist',
] as const;

export type SchemaName = (typeof SCHEMA_NAMES)[number];
