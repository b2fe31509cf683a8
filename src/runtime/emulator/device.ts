/** A device: IBM's configuration of it, and snapshots of its calibration, as `/backends/{name}/…` serves them. */

import * as z from 'zod/mini';
import { digestOf } from '../../core/digest.ts';
import { QpoeError } from '../../core/error.ts';
import { type JsonObject, parseJsonBytes } from '../../core/json.ts';
import { printable } from '../../core/printable.ts';
import { checkShape } from '../../core/shape.ts';
import { readBounded } from '../../store/files.ts';

const indices = z.array(z.int().check(z.nonnegative()));

const configurationSchema = z.looseObject({
  backend_name: z.string().check(z.regex(/^[a-zA-Z0-9_]+$/)),
  backend_version: z.string(),
  n_qubits: z.int().check(z.positive(), z.maximum(10_000)),
  basis_gates: z.array(z.string()),
  gates: z.array(z.looseObject({ name: z.string(), coupling_map: z.optional(z.array(indices)) })),
  coupling_map: z.array(indices),
  supported_instructions: z.optional(z.array(z.string())),
  max_shots: z.int().check(z.positive()),
  default_rep_delay: z.optional(z.number()),
});

const parameter = z.looseObject({ name: z.string(), value: z.number() });
const propertiesSchema = z.looseObject({
  backend_name: z.string(),
  last_update_date: z.string().check(z.refine((text) => !Number.isNaN(Date.parse(text)), 'not a time')),
  qubits: z.array(z.array(parameter)),
  gates: z.array(z.looseObject({ qubits: indices, gate: z.string(), parameters: z.array(parameter) })),
});

type Configuration = z.infer<typeof configurationSchema>;
export type Properties = z.infer<typeof propertiesSchema>;

export interface Calibration {
  readonly id: string;
  readonly updated: number;
  readonly properties: Properties;
}

export interface Device {
  readonly name: string;
  readonly configuration: Configuration;
  /** Oldest first, at least one. */
  readonly calibrations: readonly Calibration[];
}

/** @throws QpoeError `usage` where they are not a device's, or not of one device */
export function makeDevice(
  configuration: JsonObject,
  properties: readonly JsonObject[],
  where: string,
): Device {
  const shaped = checkShape(configurationSchema, configuration);
  if (shaped.fault !== undefined) throw notDevice(`${where}: no configuration of a device: ${shaped.fault}`);
  const name = shaped.value.backend_name;
  const calibrations = properties.map((snapshot) => makeCalibration(name, snapshot, where));
  if (calibrations.length === 0) throw notDevice(`${where}: a device without properties`);
  calibrations.sort((a, b) => a.updated - b.updated);
  return { name, configuration: shaped.value, calibrations };
}

function makeCalibration(name: string, snapshot: JsonObject, where: string): Calibration {
  const shaped = checkShape(propertiesSchema, snapshot);
  if (shaped.fault !== undefined) throw notDevice(`${where}: no properties of a device: ${shaped.fault}`);
  if (shaped.value.backend_name !== name)
    throw notDevice(
      `${where}: properties of ${printable(shaped.value.backend_name)}, a configuration of ${name}`,
    );
  const id = digestOf(Buffer.from(JSON.stringify(snapshot))).slice('sha256:'.length, 'sha256:'.length + 32);
  return { id, updated: Date.parse(shaped.value.last_update_date), properties: shaped.value };
}

/** @throws QpoeError `unreadable`, `usage` */
export function readDevice(configuration: string, properties: readonly string[]): Device {
  return makeDevice(
    readObject(configuration),
    properties.map((path) => readObject(path)),
    printable(configuration),
  );
}

const MAX_FILE = 50_000_000;

function readObject(path: string): JsonObject {
  try {
    return parseJsonBytes(readBounded(path, MAX_FILE)) as JsonObject;
  } catch (error) {
    if (error instanceof QpoeError) throw error;
    throw notDevice(`${printable(path)}: not JSON: ${(error as Error).message}`);
  }
}

function notDevice(message: string): QpoeError {
  return new QpoeError(
    'usage',
    message,
    'give what IBM’s API answers for /backends/NAME/configuration and /properties',
  );
}

/** The newest calibration of those before a time. */
export function calibrationBefore({ calibrations }: Device, time: number): Calibration | undefined {
  return calibrations.findLast(({ updated }) => updated <= time);
}
