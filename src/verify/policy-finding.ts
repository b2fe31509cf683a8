/** What a policy's lint finds, and what it has to be told. */

/** What the policy's text doesn't say. */
export interface PolicyFacts {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Why a file that it names can't be used, by the name that it has there. */
  readonly faults: ReadonlyMap<string, string>;
  /** The trusted roots that name a log which signs times: a Rekor v1. */
  readonly clocks: ReadonlySet<string>;
}

export interface PolicyFinding {
  /** A warning is of what can't work as it stands, a note of what shows less than it may seem to. */
  readonly level: 'warning' | 'note';
  readonly code: string;
  readonly text: string;
  /** What to do about it. */
  readonly next: string;
}

export const warning = (code: string, text: string, next: string): PolicyFinding => ({
  level: 'warning',
  code,
  text,
  next,
});
export const note = (code: string, text: string, next: string): PolicyFinding => ({
  level: 'note',
  code,
  text,
  next,
});
export const only = (when: boolean, finding: PolicyFinding): PolicyFinding[] => (when ? [finding] : []);
