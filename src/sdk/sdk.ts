/** What every SDK is to the rest of the program: something that runs a job of programs and says what it did. */

import type { Circuit } from '../circuit/circuit.ts';
import type { Observable } from '../circuit/observable.ts';
import type { CircuitText } from '../circuit/sdk-text.ts';
import type { JsonObject } from '../core/json.ts';

export interface Program {
  readonly circuit: Circuit;
  /** 1 to `MAX_SHOTS`. */
  readonly shots: number;
}

export interface Job {
  /** At least one. */
  readonly programs: readonly Program[];
  /** The sampling seed, 0 to 2^53−1. */
  readonly seed: number;
}

/** What an SDK's own compiler writes may be in a format of its own. */
interface ExecutedText {
  readonly format: string;
  readonly text: string;
}

export interface ProgramOutcome {
  /** The very text the SDK was given. */
  readonly source: CircuitText;
  /** What ran after the SDK's compiler, where it has one. */
  readonly executed?: ExecutedText;
  /** Outcome → count, keyed c[n-1]…c[0]. Only outcomes that occurred. */
  readonly counts: ReadonlyMap<string, number>;
}

export interface JobOutcome {
  readonly backend: string;
  /** In the order of the job's programs. */
  readonly programs: readonly ProgramOutcome[];
  /** The raw result, in the SDK's own serialization. */
  readonly raw: Uint8Array;
  /** Versions of the SDK, its simulator, Python and the platform; never a host name, user or path. */
  readonly environment: JsonObject;
  /** What was asked, how it was applied, and whether the same seed twice gives the same counts. */
  readonly seeding: {
    readonly requested: number;
    readonly applied: string;
    /** null where it could not be found out. */
    readonly took_effect: boolean | null;
  };
}

export interface EstimateJob {
  /** Whose final measurements, if any, are left out: the values are of the state before them. */
  readonly circuits: readonly Circuit[];
  /** Each as wide as every circuit. */
  readonly observables: readonly Observable[];
}

export interface EstimateOutcome {
  readonly backend: string;
  readonly programs: readonly {
    readonly source: CircuitText;
    readonly executed?: ExecutedText;
    /** One for each observable. */
    readonly values: readonly number[];
  }[];
  readonly raw: Uint8Array;
  readonly environment: JsonObject;
}

export interface RunLimits {
  readonly timeoutMs: number;
  /** Aborting it ends the run, and whatever process it started. */
  readonly signal: AbortSignal;
}

export type SdkStatus =
  | { readonly usable: true; readonly version: string; readonly where: string }
  | { readonly usable: false; readonly reason: string; readonly hint: string };

export interface Sdk {
  readonly name: string;
  /** Found, and how; or why not, in one line. Imports nothing heavy. */
  status(): Promise<SdkStatus>;
  /** @throws QpoeError `refused` (too large), `external` (missing, crashed, hung, garbage), `interrupted` */
  run(job: Job, limits: RunLimits): Promise<JobOutcome>;
  /** Exact expectation values, by the SDK's own means; absent where it has none. @throws QpoeError as `run` */
  readonly estimate?: (job: EstimateJob, limits: RunLimits) => Promise<EstimateOutcome>;
}

export const MAX_SHOTS = 10_000_000;
