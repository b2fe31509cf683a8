/** A circuit as people draw it: a line for each qubit, time to the right. */

import type { Circuit, Operation } from '../src/circuit/circuit.ts';
import { code, element, folded, lines, svg } from './dom.ts';
import type { CircuitView } from './evidence-view.ts';
import { TEXTS } from './texts.ts';

const texts = TEXTS.circuit;
const MOST_QUBITS = 24;
const MOST_OPERATIONS = 600;
const MOST_CHARACTERS = 40_000;

export function circuitView({ program, digest, circuit, openQasm }: CircuitView): HTMLElement {
  return element(
    'div',
    {},
    element('h5', {}, texts.of(program)),
    element('p', { class: 'soft' }, code(digest)),
    diagram(circuit),
    openQasm === undefined
      ? undefined
      : folded(`${texts.text}, ${texts.made}`, lines(openQasm.slice(0, MOST_CHARACTERS))),
  );
}

const STEP = 46;
const ROW = 38;
const LEFT = 40;

interface Placed {
  readonly operation: Operation;
  readonly column: number;
  readonly top: number;
  readonly bottom: number;
}

function diagram(circuit: Circuit): HTMLElement {
  const { qubits, operations } = circuit;
  if (qubits > MOST_QUBITS || operations.length > MOST_OPERATIONS)
    return element('p', { class: 'soft' }, texts.large(qubits, operations.length));
  const placed = place(circuit);
  const columns = Math.max(0, ...placed.map(({ column }) => column + 1));
  const [width, height] = [LEFT + columns * STEP + 10, qubits * ROW + 6];
  const wires = Array.from({ length: qubits }, (_, qubit) => wire(qubit, width));
  const drawing = svg(
    'svg',
    {
      class: 'circuit',
      width: String(width),
      height: String(height),
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-label': texts.label(qubits, operations.length),
    },
    ...wires.flat(),
    ...placed.map(drawOperation),
  );
  return element('div', { class: 'chart', tabindex: '0', role: 'group', 'aria-label': texts.title }, drawing);
}

/** Each operation as far to the left as the lines that it crosses allow, and never before what it waits for. */
function place({ qubits, bits, operations }: Circuit): readonly Placed[] {
  const free = new Array<number>(qubits).fill(0);
  const known = new Array<number>(bits).fill(0);
  return operations.map((operation) => {
    const touched = qubitsOf(operation, qubits);
    const [top, bottom] = [Math.min(...touched), Math.max(...touched)];
    const own = bitsOf(operation);
    const column = Math.max(...free.slice(top, bottom + 1), ...own.map((bit) => known[bit]!));
    free.fill(column + 1, top, bottom + 1);
    for (const bit of own) known[bit] = column + 1;
    return { operation, column, top, bottom };
  });
}

/** Written, or decided by. */
function bitsOf(operation: Operation): readonly number[] {
  if (operation.op !== 'if') return operation.op === 'measure' ? operation.bits : [];
  return [...operation.bits, ...[...operation.then, ...operation.else].flatMap(bitsOf)];
}

function qubitsOf(operation: Operation, qubits: number): readonly number[] {
  if (operation.op !== 'if') return operation.qubits;
  const inner = [...operation.then, ...operation.else].flatMap((one) => qubitsOf(one, qubits));
  return inner.length > 0 ? inner : [0];
}

const y = (qubit: number): number => qubit * ROW + ROW / 2;

function wire(qubit: number, width: number): SVGElement[] {
  return [
    svg('text', { x: '2', y: String(y(qubit) + 4) }, `q${qubit}`),
    svg('line', {
      class: 'wire',
      x1: String(LEFT - 10),
      x2: String(width),
      y1: String(y(qubit)),
      y2: String(y(qubit)),
    }),
  ];
}

function drawOperation({ operation, column, top, bottom }: Placed): SVGElement {
  const x = LEFT + column * STEP + STEP / 2 - 5;
  if (operation.op === 'barrier') return link(x, top, bottom, 'barrier', ROW / 2);
  if (operation.op === 'if') return svg('g', {}, box(x, top, bottom, 'if', 'gate', conditionOf(operation)));
  if (operation.op === 'measure') return svg('g', {}, box(x, top, top, `M→c${operation.bits[0]}`, 'measure'));
  if (operation.op === 'reset') return svg('g', {}, box(x, top, top, '|0⟩'));
  const { op, qubits } = operation;
  const controls = CONTROLS[op] ?? 0;
  const targets = qubits.slice(controls);
  const name = NAMES[op] ?? op.slice(controls);
  return svg(
    'g',
    {},
    top === bottom ? undefined : link(x, top, bottom, 'wire'),
    ...qubits
      .slice(0, controls)
      .map((qubit) => svg('circle', { class: 'dot', cx: String(x), cy: String(y(qubit)), r: '4' })),
    ...targets.flatMap((qubit) =>
      name === '×' ? [cross(x, qubit)] : [box(x, qubit, qubit, name, 'gate', angleOf(operation.angles))],
    ),
  );
}

/** As the counts are keyed: the last bit first. */
function conditionOf({ bits, equals }: Extract<Operation, { op: 'if' }>): string {
  const names = bits.toReversed().map((bit) => `c${bit}`);
  return names.length > 2 ? `${names.length} bits` : `${names.join('')}=${equals}`;
}

const CONTROLS: Readonly<Record<string, number>> = {
  cx: 1,
  cy: 1,
  cz: 1,
  ch: 1,
  cp: 1,
  crx: 1,
  cry: 1,
  crz: 1,
  ccx: 2,
  cswap: 1,
};
const NAMES: Readonly<Record<string, string>> = { sdg: 's†', tdg: 't†', sx: '√x', swap: '×', cswap: '×' };

function angleOf(angles: readonly number[] | undefined): string | undefined {
  return angles?.map((angle) => String(Number(angle.toPrecision(3)))).join(', ');
}

function box(
  x: number,
  top: number,
  bottom: number,
  name: string,
  look = 'gate',
  angle?: string,
): SVGElement {
  const [from, to] = [y(top) - 13, y(bottom) + 13];
  return svg(
    'g',
    { class: look },
    svg('rect', { x: String(x - 18), y: String(from), width: '36', height: String(to - from), rx: '2' }),
    svg(
      'text',
      { x: String(x), y: String((from + to) / 2 + (angle === undefined ? 4 : -1)), 'text-anchor': 'middle' },
      name,
    ),
    angle === undefined
      ? undefined
      : svg(
          'text',
          { class: 'angle', x: String(x), y: String((from + to) / 2 + 9), 'text-anchor': 'middle' },
          angle,
        ),
  );
}

function cross(x: number, qubit: number): SVGElement {
  const [a, b] = [y(qubit) - 5, y(qubit) + 5];
  return svg('path', { class: 'wire', d: `M${x - 5} ${a}L${x + 5} ${b}M${x - 5} ${b}L${x + 5} ${a}` });
}

function link(x: number, top: number, bottom: number, look: string, over = 0): SVGElement {
  return svg('line', {
    class: look,
    x1: String(x),
    x2: String(x),
    y1: String(y(top) - over),
    y2: String(y(bottom) + over),
  });
}
