/**
 * Threads that share one state. They plan the same circuits, and take the tiles of a pass one by one, the leader too, who
 * goes on to the next pass when all are done. Nobody waits for a helper to start, and with none the leader does it all.
 * A tile is the same arithmetic on whichever thread.
 *
 * Tickets number all tiles of a job; those of the pass under way end before `END`. A helper reads `END` first and takes
 * a ticket below it last: having got one, it knows that the leader waits for it, and that what it read in between holds.
 */

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Circuit } from '../circuit/circuit.ts';
import { applyToTile, type Pass } from '../simulator/passes.ts';
import { type Plan, passesOf, planCircuit } from '../simulator/plan.ts';
import type { Statevector } from '../simulator/statevector.ts';
import type { Stage } from '../simulator/trajectories.ts';

/** What the threads share: the typed arrays are views of shared memory. */
export interface Board {
  readonly circuits: readonly Circuit[];
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly re: Float64Array<SharedArrayBuffer>;
  readonly im: Float64Array<SharedArrayBuffer>;
}

export interface Team {
  /** For one of the circuits, in |0…0⟩. The stage given before it is over. */
  stageFor(circuit: number, plan: Plan): Stage;
  dismiss(): void;
}

/** Cells of `control`. Tickets may wrap around: only their differences count. */
const CIRCUIT = 0;
const PASS = 1;
const END = 2;
const NEXT = 3;
const DONE = 4;
const CELLS = 5;

/** More would outrun the memory. */
const MAX_HELPERS = 7;
/** About as long as it takes to wake a sleeping thread. */
const SPINS = 5_000;

/** @param helperUrl a module that, given a `board` as its worker data, calls `help` */
export function gatherTeam(circuits: readonly Circuit[], helperUrl: URL): Team {
  const amplitudes = 2 ** Math.max(...circuits.map(({ qubits }) => qubits));
  const board: Board = {
    circuits,
    control: new Int32Array(new SharedArrayBuffer(4 * CELLS)),
    re: new Float64Array(new SharedArrayBuffer(8 * amplitudes)),
    im: new Float64Array(new SharedArrayBuffer(8 * amplitudes)),
  };
  const size = Math.min(MAX_HELPERS, availableParallelism() - 1);
  const helpers = Array.from({ length: size }, () => startHelper(board, helperUrl));
  return {
    stageFor: (circuit, plan) => lead(board, circuit, plan),
    dismiss: () => {
      for (const helper of helpers) void helper.terminate();
    },
  };
}

function startHelper(board: Board, url: URL): Worker {
  const helper = new Worker(url, { workerData: { board } });
  // The leader does without one that can't start.
  helper.on('error', () => {});
  helper.unref();
  return helper;
}

function stateOf({ re, im }: Board, qubits: number): Statevector {
  return { qubits, re: re.subarray(0, 2 ** qubits), im: im.subarray(0, 2 ** qubits) };
}

function lead(board: Board, circuit: number, plan: Plan): Stage {
  const { control } = board;
  const state = stateOf(board, plan.qubits);
  state.re.fill(0);
  state.im.fill(0);
  state.re[0] = 1;
  const numbers = new Map(passesOf(plan.steps).map((pass, number) => [pass, number]));
  Atomics.store(control, CIRCUIT, circuit);
  return { state, apply };

  function apply(pass: Pass): void {
    Atomics.store(control, PASS, numbers.get(pass)!);
    const end = (Atomics.load(control, END) + pass.tiles) | 0;
    Atomics.store(control, END, end);
    Atomics.notify(control, END);
    takeTiles(control, end, pass, state);
    for (let done = Atomics.load(control, DONE); done !== end; done = Atomics.load(control, DONE))
      awaitChange(control, DONE, done);
  }
}

/** A helper's life: it ends when the thread is terminated. */
export function help(board: Board): void {
  const { control, circuits } = board;
  let planned = -1;
  let state = stateOf(board, 0);
  let passes: Pass[] = [];
  for (;;) {
    const end = Atomics.load(control, END);
    const circuit = Atomics.load(control, CIRCUIT);
    if (circuit !== planned) {
      const plan = planCircuit(circuits[circuit]!);
      state = stateOf(board, plan.qubits);
      passes = passesOf(plan.steps);
      planned = circuit;
    }
    // Between two circuits it may be a number that only the next one has.
    const pass = passes[Atomics.load(control, PASS)];
    if (pass !== undefined) takeTiles(control, end, pass, state);
    awaitChange(control, END, end);
  }
}

function takeTiles(control: Int32Array, end: number, pass: Pass, state: Statevector): void {
  for (;;) {
    const ticket = Atomics.load(control, NEXT);
    const left = (end - ticket) | 0;
    if (left <= 0) return;
    if (Atomics.compareExchange(control, NEXT, ticket, (ticket + 1) | 0) !== ticket) continue;
    applyToTile(state, pass, pass.tiles - left);
    Atomics.add(control, DONE, 1);
    Atomics.notify(control, DONE);
  }
}

/** Returns at once where the cell has changed already. */
function awaitChange(control: Int32Array, cell: number, from: number): void {
  for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(control, cell) !== from) return;
  Atomics.wait(control, cell, from);
}
