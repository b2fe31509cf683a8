/** Why a job failed, as the job's `state.reason` says it. */

export class JobFault extends Error {
  /** IBM's, where it is known. */
  readonly code: number | undefined;

  constructor(message: string, code?: number) {
    super(message);
    this.name = 'JobFault';
    this.code = code;
  }
}

/** A circuit that isn't in the device's instruction set. */
export const NOT_ISA = 1517;
