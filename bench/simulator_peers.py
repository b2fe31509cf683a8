"""The same circuits on a peer: `simulator_peers.py cirq` or `simulator_peers.py qiskit`.

A line in is a circuit with its shots, or {} for the last one again; a line out is the milliseconds that it took.
"""

import json
import sys
import time


def u3(theta, phi, lam):
    import cirq
    import numpy as np

    cos, sin = np.cos(theta / 2), np.sin(theta / 2)
    return cirq.MatrixGate(
        np.array(
            [
                [cos, -np.exp(1j * lam) * sin],
                [np.exp(1j * phi) * sin, np.exp(1j * (phi + lam)) * cos],
            ]
        )
    )


def to_cirq(circuit):
    import cirq

    gates = {"h": cirq.H, "x": cirq.X, "s": cirq.S, "t": cirq.T, "cx": cirq.CNOT}
    gates |= {"rx": cirq.rx, "ry": cirq.ry, "rz": cirq.rz, "u3": u3}
    qubits = cirq.LineQubit.range(circuit["qubits"])
    operations = []
    for operation in circuit["operations"]:
        name, angles = operation["op"], operation.get("angles", [])
        if name == "measure":
            continue
        gate = gates[name](*angles) if angles else gates[name]
        operations.append(gate(*(qubits[q] for q in operation["qubits"])))
    return cirq.Circuit(operations, cirq.measure(*reversed(qubits), key="c"))


def to_qiskit(circuit):
    from qiskit import QuantumCircuit

    result = QuantumCircuit(circuit["qubits"], circuit["bits"])
    for operation in circuit["operations"]:
        if operation["op"] == "measure":
            result.measure(operation["qubits"], operation["bits"])
        else:
            name = {"u3": "u"}.get(operation["op"], operation["op"])
            getattr(result, name)(*operation.get("angles", []), *operation["qubits"])
    return result


def milliseconds(run):
    start = time.perf_counter()
    run()
    return 1000 * (time.perf_counter() - start)


def prepare_cirq(circuit, shots):
    import cirq

    program, simulator = to_cirq(circuit), cirq.Simulator()
    return lambda: simulator.run(program, repetitions=shots).histogram(key="c")


def prepare_qiskit(circuit, shots):
    from qiskit_aer import AerSimulator

    program, simulator = to_qiskit(circuit), AerSimulator(method="statevector")
    return lambda: simulator.run(program, shots=shots).result().get_counts()


prepare = {"cirq": prepare_cirq, "qiskit": prepare_qiskit}[sys.argv[1]]
for line in sys.stdin:
    message = json.loads(line)
    if "circuit" in message:
        run = prepare(message["circuit"], message["shots"])
    print(milliseconds(run), flush=True)
