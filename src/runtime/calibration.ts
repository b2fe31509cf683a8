/**
 * The device as it was when a job ran: its properties (calibration) and configuration, kept as they came. By the job's
 * calibration id where it has one, else the last properties before the job ran.
 *
 * It is the snapshot of a time, and not of the run: both times are said. Devices retire, and their calibration with them.
 */

import type { JsonObject, JsonValue } from '../core/json.ts';
import { putObject, type Store } from '../store/store.ts';
import { configurationAnswer, propertiesAnswer } from './answers.ts';
import {
  type Answer,
  parseAnswer,
  type RuntimeClient,
  readConfiguration,
  readProperties,
  reasonOf,
} from './client.ts';
import { cutPersonal } from './personal.ts';
import { providerTime } from './provider-time.ts';

export interface Calibration {
  /** `execution.calibration` */
  readonly calibration: JsonObject;
  /** What `execution.environment` says of the device. */
  readonly device: JsonObject;
}

interface RanAt {
  readonly backend: string;
  readonly calibrationId: string | undefined;
  /** When it began to run, or where that isn't known was created. */
  readonly time: string | undefined;
}

export type Calibrations = (ran: RanAt) => Promise<Calibration>;

interface Snapshot {
  readonly section: JsonObject;
  /** Of the properties: good for every job between the two. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export function calibrationsOf(client: RuntimeClient, store: Store, now: () => number): Calibrations {
  const properties = new Map<string, Snapshot[]>();
  const configurations = new Map<string, Promise<{ section: JsonObject; device: JsonObject }>>();
  const retrieved = (): string => new Date(now()).toISOString();

  return async (ran) => {
    const byId = ran.calibrationId === undefined ? {} : { calibration_id: ran.calibrationId };
    const key = `${ran.backend} ${ran.calibrationId ?? ''}`;
    const configured = configurations.get(key) ?? fetchConfiguration(ran.backend, byId);
    configurations.set(key, configured);
    // One that failed is asked for again by the next job.
    configured.catch(() => configurations.delete(key));
    const { section, device } = await configured;
    return {
      calibration: { ...byId, properties: await fetchProperties(key, ran, byId), configuration: section },
      device,
    };
  };

  async function fetchProperties(key: string, ran: RanAt, byId: Record<string, string>): Promise<JsonObject> {
    const known = (properties.get(key) ?? []).find(
      ({ from, to }) =>
        ran.calibrationId !== undefined ||
        (ran.time !== undefined &&
          from !== undefined &&
          to !== undefined &&
          from <= ran.time &&
          ran.time <= to),
    );
    if (known !== undefined) return known.section;
    const query = new URLSearchParams(byId);
    if (ran.calibrationId === undefined && ran.time !== undefined) query.set('updated_before', ran.time);
    const asked = retrieved();
    const answer = await readProperties(client, ran.backend, query);
    if (answer.status !== 200) return unavailable(answer, asked);
    const updated = lastUpdate(answer);
    const section = {
      digest: putObject(store, answer.body),
      by:
        ran.calibrationId !== undefined
          ? 'calibration_id'
          : ran.time === undefined
            ? 'now'
            : 'updated_before',
      ...(updated === undefined ? {} : { last_update: updated }),
      retrieved_at: asked,
    };
    properties.set(key, [...(properties.get(key) ?? []), { section, from: updated, to: ran.time }]);
    return section;
  }

  async function fetchConfiguration(backend: string, byId: Record<string, string>) {
    const asked = retrieved();
    const answer = await readConfiguration(client, backend, new URLSearchParams(byId));
    if (answer.status !== 200) return { section: unavailable(answer, asked), device: {} };
    const section = { digest: putObject(store, answer.body), retrieved_at: asked };
    return { section, device: describeDevice(answer) };
  }
}

/** A device that is no more: the job is recorded all the same. */
function unavailable(answer: Answer, asked: string): JsonObject {
  return { unavailable: cutPersonal(reasonOf(answer)), asked_at: asked };
}

function lastUpdate(answer: Answer): string | undefined {
  const { last_update_date: text } = parseAnswer(propertiesAnswer, answer, 'the properties of the backend');
  return text == null ? undefined : providerTime(text);
}

function describeDevice(answer: Answer): JsonObject {
  const told = parseAnswer(configurationAnswer, answer, 'the configuration of the backend');
  const members: readonly (readonly [string, JsonValue | null | undefined])[] = [
    ['version', told.backend_version],
    ['qubits', told.n_qubits],
    ['simulator', told.simulator],
    ['processor', told.processor_type],
  ];
  return Object.fromEntries(members.filter(([, value]) => value != null)) as JsonObject;
}
