"""PennyLane and its default.qubit, for runner.py.

`qml.from_qasm3` knows few of the statements, so the circuit is built from the gate list. Wire k is qubit k.
"""

import base64
import json

PACKAGES = {"pennylane": "pennylane", "numpy": "numpy"}

MCM_METHOD = "tree-traversal"


def run(programs, seed):
    import pennylane as qml

    circuits = [json.loads(program["text"]) for program in programs]
    device = qml.device("default.qubit", wires=max(circuit["qubits"] for circuit in circuits), seed=seed)
    counts = [sample(circuit, program["shots"], device) for circuit, program in zip(circuits, programs)]
    return {
        "backend": device.name,
        "programs": [{"counts": each} for each in counts],
        "raw": base64.b64encode(json.dumps(counts, sort_keys=True).encode()).decode(),
        "applied": 'qml.device("default.qubit", seed = seed); one device, whose stream runs on, for all programs in order',
        "settings": {"mcm_method": MCM_METHOD},
    }


def sample(circuit, shots, device):
    """Counts keyed c[n-1]...c[0]; a bit that nothing is measured into is 0."""
    import pennylane as qml

    last = {}

    def function():
        last.clear()
        apply_all(circuit["operations"], last, None)
        return qml.counts([last[bit] for bit in sorted(last, reverse=True)])

    found = qml.set_shots(qml.QNode(function, device, mcm_method=MCM_METHOD), shots)()
    return {place(str(key), sorted(last), circuit["bits"]): int(number) for key, number in found.items()}


def place(key, written, bits):
    """A key of the written bits, highest first, among all bits."""
    values = dict(zip(reversed(written), key))
    return "".join(values.get(bit, "0") for bit in reversed(range(bits)))


def apply_all(operations, last, condition):
    import pennylane as qml

    for operation in operations:
        name = operation["op"]
        if name == "measure":
            last[operation["bits"][0]] = qml.measure(operation["qubits"][0])
        elif name == "if":
            apply_if(operation, last, condition)
        elif name == "reset":
            qml.measure(operation["qubits"][0], reset=True)
        elif name != "barrier":
            gate = GATES[name](qml)
            (gate if condition is None else qml.cond(condition, gate))(
                *operation.get("angles", []), wires=operation["qubits"]
            )


def apply_if(operation, last, condition):
    """A bit that nothing has written is 0, and so is a test of it."""
    pairs = list(zip(operation["bits"], reversed(operation["equals"])))
    known = [last[bit] if value == "1" else ~last[bit] for bit, value in pairs if bit in last]
    if any(value == "1" and bit not in last for bit, value in pairs):
        apply_all(operation["else"], last, condition)
    elif not known:
        apply_all(operation["then"], last, condition)
    else:
        test = conjunction(known)
        apply_all(operation["then"], last, conjunction([test] if condition is None else [condition, test]))
        apply_all(operation["else"], last, conjunction([~test] if condition is None else [condition, ~test]))


def conjunction(tests):
    whole = tests[0]
    for test in tests[1:]:
        whole = whole & test
    return whole


# What PennyLane calls them.
GATES = {
    "id": lambda qml: qml.Identity,
    "x": lambda qml: qml.X,
    "y": lambda qml: qml.Y,
    "z": lambda qml: qml.Z,
    "h": lambda qml: qml.H,
    "s": lambda qml: qml.S,
    "sdg": lambda qml: qml.adjoint(qml.S),
    "t": lambda qml: qml.T,
    "tdg": lambda qml: qml.adjoint(qml.T),
    "sx": lambda qml: qml.SX,
    "rx": lambda qml: qml.RX,
    "ry": lambda qml: qml.RY,
    "rz": lambda qml: qml.RZ,
    "p": lambda qml: qml.PhaseShift,
    "u1": lambda qml: qml.U1,
    "u2": lambda qml: qml.U2,
    "u3": lambda qml: qml.U3,
    "cx": lambda qml: qml.CNOT,
    "cy": lambda qml: qml.CY,
    "cz": lambda qml: qml.CZ,
    "ch": lambda qml: qml.CH,
    "cp": lambda qml: qml.ControlledPhaseShift,
    "crx": lambda qml: qml.CRX,
    "cry": lambda qml: qml.CRY,
    "crz": lambda qml: qml.CRZ,
    "swap": lambda qml: qml.SWAP,
    "ccx": lambda qml: qml.Toffoli,
    "cswap": lambda qml: qml.CSWAP,
}


def estimate(programs, observables):
    """`qml.expval` without shots: analytic, of the circuits without their measurements."""
    import pennylane as qml

    values = []
    for program in programs:
        circuit = json.loads(program["text"])
        gates = [operation for operation in circuit["operations"] if operation["op"] != "measure"]
        device = qml.device("default.qubit", wires=circuit["qubits"])
        sums = [
            qml.dot([weight for _, weight in each], [qml.pauli.string_to_pauli_word(label[::-1]) for label, _ in each])
            for each in observables
        ]

        def function():
            apply_all(gates, {}, None)
            return [qml.expval(each) for each in sums]

        values.append([float(value) for value in qml.QNode(function, device)()])
    return {
        "backend": "default.qubit",
        "programs": [{"values": each} for each in values],
        "raw": base64.b64encode(json.dumps(values).encode()).decode(),
        "settings": {"shots": None},
    }
