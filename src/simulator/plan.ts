/**
 * What the simulator does for a circuit, in order: gates as passes over the state, and between them whatever makes a
 * shot's way depend on its draws. The late measurements are taken out, and drawn from the state at the end.
 */

import type { Circuit, GateOperation, MeasureOperation, Operation } from '../circuit/circuit.ts';
import { findLateMeasurements } from './late-measurements.ts';
import { type Move, movesOf } from './moves.ts';
import { type Pass, planPasses } from './passes.ts';

export interface Plan {
  readonly qubits: number;
  readonly bits: number;
  readonly steps: readonly Step[];
  /** Ascending by bit, one a bit. */
  readonly late: readonly MeasureOperation[];
}

export type Step =
  | { readonly kind: 'pass'; readonly pass: Pass }
  | { readonly kind: 'measure'; readonly qubit: number; readonly bit: number }
  | { readonly kind: 'reset'; readonly qubit: number }
  | {
      readonly kind: 'if';
      readonly bits: readonly number[];
      readonly equals: string;
      readonly met: readonly Step[];
      readonly unmet: readonly Step[];
    };

export function planCircuit({ qubits, bits, operations }: Circuit): Plan {
  const late = findLateMeasurements(operations);
  const early = operations.filter((_, place) => !late.has(place));
  const steps = planSteps(early, qubits, new Map());
  return { qubits, bits, steps, late: lastByBit([...late.values()]) };
}

/** A long circuit repeats its operations as the same objects: their moves are made once. */
type KnownMoves = Map<GateOperation, readonly Move[]>;

function planSteps(operations: readonly Operation[], qubits: number, known: KnownMoves): Step[] {
  const steps: Step[] = [];
  let moves: Move[] = [];
  const flush = () => {
    for (const pass of planPasses(moves, qubits)) steps.push({ kind: 'pass', pass });
    moves = [];
  };
  for (const operation of operations) {
    if (operation.op === 'barrier') continue;
    if (operation.op === 'measure' || operation.op === 'reset' || operation.op === 'if') {
      flush();
      steps.push(planEvent(operation, qubits, known));
    } else for (const move of recallMoves(operation, known)) moves.push(move);
  }
  flush();
  return steps;
}

function recallMoves(operation: GateOperation, known: KnownMoves): readonly Move[] {
  const moves = known.get(operation) ?? movesOf(operation);
  known.set(operation, moves);
  return moves;
}

type Event = Extract<Operation, { op: 'measure' | 'reset' | 'if' }>;

function planEvent(event: Event, qubits: number, known: KnownMoves): Step {
  if (event.op === 'measure') return { kind: 'measure', qubit: event.qubits[0], bit: event.bits[0] };
  if (event.op === 'reset') return { kind: 'reset', qubit: event.qubits[0] };
  return {
    kind: 'if',
    bits: event.bits,
    equals: event.equals,
    met: planSteps(event.then, qubits, known),
    unmet: planSteps(event.else, qubits, known),
  };
}

/** `late` comes last first: a bit's first is its last write. */
function lastByBit(late: readonly MeasureOperation[]): MeasureOperation[] {
  const byBit = new Map<number, MeasureOperation>();
  for (const measurement of late) {
    const bit = measurement.bits[0];
    if (!byBit.has(bit)) byBit.set(bit, measurement);
  }
  return [...byBit.values()].sort((a, b) => a.bits[0] - b.bits[0]);
}

/** Where shots can't part ways, one state is that of all of them. */
export function isOneWay({ steps }: Plan): boolean {
  return steps.every(({ kind }) => kind === 'pass');
}

/** Every pass, in the order of the plan. */
export function passesOf(steps: readonly Step[]): Pass[] {
  return steps.flatMap((step) => {
    if (step.kind === 'pass') return [step.pass];
    return step.kind === 'if' ? [...passesOf(step.met), ...passesOf(step.unmet)] : [];
  });
}

/** How many steps can part the shots of one branch. */
export function countForks(steps: readonly Step[]): number {
  let forks = 0;
  for (const step of steps) {
    if (step.kind === 'measure' || step.kind === 'reset') forks++;
    if (step.kind === 'if') forks += countForks(step.met) + countForks(step.unmet);
  }
  return forks;
}
