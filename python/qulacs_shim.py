"""Qulacs, for runner.py. It reads no OpenQASM 3: the circuit is built from the gate list."""

import base64
import cmath
import json

PACKAGES = {"qulacs": "qulacs", "numpy": "numpy"}


def run(programs, seed):
    circuits = [json.loads(program["text"]) for program in programs]
    outcomes = [
        sample(circuit, program["shots"], seed, index)
        for index, (circuit, program) in enumerate(zip(circuits, programs))
    ]
    counts = [
        {format(outcome, "0%db" % circuit["bits"]): number for outcome, number in each.items()}
        for each, circuit in zip(outcomes, circuits)
    ]
    return {
        "backend": "qulacs.QuantumState",
        "programs": [{"counts": each} for each in counts],
        "raw": base64.b64encode(json.dumps(outcomes).encode()).decode(),
        "applied": "32-bit seeds of QuantumState.sampling and gate.Measurement: numpy.random.SeedSequence([seed mod 2^32, seed div 2^32, k]) for program k",
        "settings": {},
    }


def draw_seeds(seed, program, number):
    """Qulacs takes 32 bits; numpy promises this mixing for ever."""
    import numpy

    return [int(each) for each in numpy.random.SeedSequence([seed % 2**32, seed // 2**32, program]).generate_state(number)]


def sample(circuit, shots, seed, program):
    """How often each outcome came, as the number whose bit k is c[k]."""
    from collections import Counter

    operations = circuit["operations"]
    if is_measured_last(operations):
        return Counter(sample_once(circuit, shots, draw_seeds(seed, program, 1)[0]))
    seeds = iter(draw_seeds(seed, program, count_draws(operations)))
    steps = prepare(operations, circuit["bits"], seeds)
    return Counter(run_shot(steps, circuit) for _ in range(shots))


def is_measured_last(operations):
    measured = set()
    for operation in operations:
        if operation["op"] in ("if", "reset"):
            return False
        if operation["op"] == "barrier":
            continue
        if measured.intersection(operation["qubits"]):
            return False
        if operation["op"] == "measure":
            measured.update(operation["qubits"])
    return True


def sample_once(circuit, shots, seed):
    """All shots from one state."""
    from qulacs import QuantumState

    state = QuantumState(circuit["qubits"])
    qubit_of = {}
    for operation in circuit["operations"]:
        if operation["op"] == "measure":
            qubit_of[operation["bits"][0]] = operation["qubits"][0]
        elif operation["op"] != "barrier":
            make_gate(operation).update_quantum_state(state)
    return [
        sum(((basis >> qubit) & 1) << bit for bit, qubit in qubit_of.items()) for basis in state.sampling(shots, seed)
    ]


def count_draws(operations):
    return sum(
        1 if each["op"] in ("measure", "reset") else sum(map(count_draws, (each["then"], each["else"])))
        for each in operations
        if each["op"] in ("measure", "reset", "if")
    )


def prepare(operations, scratch, seeds):
    """Each operation with what Qulacs runs for it: made once, as the stream of a Measurement runs on from shot to shot."""
    from qulacs import gate

    steps = []
    for operation in operations:
        if operation["op"] == "measure":
            bit = operation["bits"][0]
            steps.append(("measure", gate.Measurement(operation["qubits"][0], bit, next(seeds)), bit))
        elif operation["op"] == "reset":
            qubit = operation["qubits"][0]
            steps.append(("reset", gate.Measurement(qubit, scratch, next(seeds)), gate.X(qubit)))
        elif operation["op"] == "if":
            test = list(zip(operation["bits"], map(int, reversed(operation["equals"]))))
            branches = [prepare(operation[branch], scratch, seeds) for branch in ("then", "else")]
            steps.append(("if", test, branches))
        elif operation["op"] != "barrier":
            steps.append(("gate", make_gate(operation), None))
    return steps


def run_shot(steps, circuit):
    from qulacs import QuantumState

    state = QuantumState(circuit["qubits"])
    bits = [0] * circuit["bits"]
    run_steps(steps, state, bits, circuit["bits"])
    return sum(value << bit for bit, value in enumerate(bits))


def run_steps(steps, state, bits, scratch):
    for kind, first, second in steps:
        if kind == "if":
            run_steps(second[0 if all(bits[bit] == value for bit, value in first) else 1], state, bits, scratch)
            continue
        first.update_quantum_state(state)
        if kind == "measure":
            bits[second] = state.get_classical_value(second)
        elif kind == "reset" and state.get_classical_value(scratch) == 1:
            second.update_quantum_state(state)


def make_gate(operation):
    """Qulacs's own, or its own core under controls. Its R gates turn by -angle; its Rot gates as everyone's."""
    from qulacs import gate

    name, qubits, angles = operation["op"], operation["qubits"], operation.get("angles", [])
    if name in CONTROLLED:
        core, controls = CONTROLLED[name]
        targets = qubits[controls:]
        made = gate.to_matrix_gate(simple_gate(core, targets, angles))
        for control in qubits[:controls]:
            made.add_control_qubit(control, 1)
        return made
    return simple_gate(name, qubits, angles)


CONTROLLED = {
    "cx": ("x", 1),
    "cy": ("y", 1),
    "cz": ("z", 1),
    "ch": ("h", 1),
    "cp": ("p", 1),
    "crx": ("rx", 1),
    "cry": ("ry", 1),
    "crz": ("rz", 1),
    "ccx": ("x", 2),
    "cswap": ("swap", 1),
}

PLAIN = {
    "id": "Identity",
    "x": "X",
    "y": "Y",
    "z": "Z",
    "h": "H",
    "s": "S",
    "sdg": "Sdag",
    "t": "T",
    "tdg": "Tdag",
    "sx": "sqrtX",
    "rx": "RotX",
    "ry": "RotY",
    "rz": "RotZ",
    "swap": "SWAP",
}


def simple_gate(name, qubits, angles):
    from qulacs import gate

    if name in PLAIN:
        return getattr(gate, PLAIN[name])(*qubits, *angles)
    if name in ("p", "u1"):
        return gate.DenseMatrix(qubits[0], [[1, 0], [0, cmath.exp(1j * angles[0])]])
    return gate.DenseMatrix(qubits[0], u_matrix(*(angles if name == "u3" else [cmath.pi / 2, *angles])))


def u_matrix(theta, phi, lam):
    cos, sin = cmath.cos(theta / 2), cmath.sin(theta / 2)
    return [[cos, -cmath.exp(1j * lam) * sin], [cmath.exp(1j * phi) * sin, cmath.exp(1j * (phi + lam)) * cos]]


def estimate(programs, observables):
    values = [estimate_one(json.loads(program["text"]), observables) for program in programs]
    return {
        "backend": "qulacs.QuantumState",
        "programs": [{"values": each} for each in values],
        "raw": base64.b64encode(json.dumps(values).encode()).decode(),
        "settings": {},
    }


def estimate_one(circuit, observables):
    from qulacs import Observable, QuantumState

    state = QuantumState(circuit["qubits"])
    for operation in circuit["operations"]:
        if operation["op"] not in ("measure", "barrier"):
            make_gate(operation).update_quantum_state(state)
    values = []
    for each in observables:
        observable = Observable(circuit["qubits"])
        for label, weight in each:
            # The leftmost letter is the highest qubit's.
            letters = ["%s %d" % (letter, qubit) for qubit, letter in enumerate(reversed(label)) if letter != "I"]
            observable.add_operator(weight, " ".join(letters))
        values.append(float(observable.get_expectation_value(state)))
    return values
