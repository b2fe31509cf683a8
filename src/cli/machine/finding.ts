/** One thing that `qpoe doctor` found. */

export type Level = 'ok' | 'note' | 'problem';

export interface Finding {
  readonly level: Level;
  readonly subject: string;
  readonly text: string;
}
