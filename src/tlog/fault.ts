/** What a reader of evidence yields: the value, or why there is none. Evidence never throws. */

export interface Fault {
  /** One line for people. Text in it that comes from the evidence is not escaped yet. */
  readonly fault: string;
  /** Stable, for programs. */
  readonly code: string;
}

/** What was read, or why it can’t be. Evidence never throws. */
export type Read<T> =
  | { readonly value: T; readonly fault?: never; readonly code?: never }
  | ({ readonly value?: never } & Fault);
