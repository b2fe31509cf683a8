/** A job on the embedded simulator, program by program: in this thread, with helpers where the work is worth a start. */

import { QpoeError } from '../core/error.ts';
import { countForks, type Plan, passesOf, planCircuit } from '../simulator/plan.ts';
import { groundStage, type SamplerVersion, samplePlan, versionOf } from '../simulator/sampler.ts';
import { branchingBytes } from '../simulator/trajectories.ts';
import type { Job, Program } from './sdk.ts';
import { gatherTeam, type Team } from './simulator-team.ts';

export interface SampledProgram {
  readonly counts: ReadonlyMap<string, number>;
  readonly sampler: SamplerVersion;
}

/** Moves times amplitudes: some 30 ms in one thread, as long as a helper takes to start. */
const WORTH_HELPERS = 2 ** 26;
/** Below it, a pass has too few tiles to share. */
const MIN_SHARED_QUBITS = 16;

/**
 * @param helperUrl as in `gatherTeam`
 * @throws QpoeError `refused` where a state is too large, or the states that branches may need
 */
export function sampleJob({ programs, seed }: Job, helperUrl: URL): SampledProgram[] {
  let team: Team | undefined;
  try {
    return programs.map((program, index) => {
      const plan = planCircuit(program.circuit);
      checkMemory(plan, program);
      if (isWorthHelpers(plan, program))
        team ??= gatherTeam(
          programs.map(({ circuit }) => circuit),
          helperUrl,
        );
      const stage = team?.stageFor(index, plan) ?? groundStage(plan.qubits);
      return { counts: samplePlan(plan, program.shots, seed, index, stage), sampler: versionOf(plan) };
    });
  } finally {
    team?.dismiss();
  }
}

function isWorthHelpers(plan: Plan, { shots }: Program): boolean {
  if (plan.qubits < MIN_SHARED_QUBITS) return false;
  const moves = passesOf(plan.steps).reduce((sum, pass) => sum + pass.moves.length, 0);
  const branches = Math.min(shots, 2 ** countForks(plan.steps));
  return moves * branches * 2 ** plan.qubits > WORTH_HELPERS;
}

function checkMemory(plan: Plan, { shots }: Program): void {
  const needed = branchingBytes(plan, shots);
  const available = process.availableMemory();
  if (needed > available)
    throw new QpoeError(
      'refused',
      `${plan.qubits} qubits need up to ${needed} bytes of memory; ${available} are free`,
      countForks(plan.steps) > 0 ? 'use fewer qubits, or fewer shots' : 'use fewer qubits',
    );
}
