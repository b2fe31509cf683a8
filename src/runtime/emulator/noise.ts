/** A device's errors as its calibration states them, on the qubits of one circuit. */

import type { Noise } from '../../sdk/runner.ts';
import type { Properties } from './device.ts';

/** Gates that the reader expands, and how many `cx` each becomes: its error is shared among them. */
const EXPANDED: Readonly<Record<string, number>> = { ecr: 1, rzz: 2 };
/** Beyond it a gate of a broken coupler (error 1) would be no channel. */
const MAX_ERROR = 0.75;

/** @param physical  the device's number of each qubit of the circuit */
export function noiseOn({ qubits, gates }: Properties, physical: readonly number[]): Noise {
  const numbers = new Map(physical.map((qubit, number) => [qubit, number]));
  return {
    readout: physical.map((qubit) => readoutOf(qubits[qubit] ?? [])),
    gates: gates.flatMap(({ gate, qubits: places, parameters }) => {
      const error = amountOf(parameters, 'gate_error');
      const inside = places.map((qubit) => numbers.get(qubit)).filter((qubit) => qubit !== undefined);
      if (inside.length < places.length || error === undefined || !(error > 0)) return [];
      const share = EXPANDED[gate] ?? 1;
      const name = Object.hasOwn(EXPANDED, gate) ? 'cx' : gate;
      return NOISY.includes(name)
        ? [{ name, qubits: inside, error: Math.min(error, MAX_ERROR) / share }]
        : [];
    }),
  };
}

/** What the gate list has, and a device too. Others have no errors here: their names say nothing to the engine. */
const NOISY: readonly string[] = ['id', 'x', 'sx', 'rx', 'cz', 'cx'];

type Parameters = Properties['qubits'][number];

function readoutOf(parameters: Parameters): [number, number] {
  const error = amountOf(parameters, 'readout_error') ?? 0;
  const bounded = (value: number): number => Math.min(1, Math.max(0, value));
  return [
    bounded(amountOf(parameters, 'prob_meas1_prep0') ?? error),
    bounded(amountOf(parameters, 'prob_meas0_prep1') ?? error),
  ];
}

function amountOf(parameters: Parameters, name: string): number | undefined {
  return parameters.find((parameter) => parameter.name === name)?.value;
}
