"""The same circuits on Cirq's Simulator and on Aer.

A line in is a circuit with its shots, or {} for the last one again; a line out is the milliseconds each of the two took.
"""

import json
import sys
import time

import cirq
import numpy as np
from qiskit import QuantumCircuit
from qiskit_aer import AerSimulator

GATES = {
    "h": cirq.H,
    "x": cirq.X,
    "s": cirq.S,
    "t": cirq.T,
    "cx": cirq.CNOT,
    "rx": cirq.rx,
    "ry": cirq.ry,
    "rz": cirq.rz,
}


def u3(theta, phi, lam):
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
    qubits = cirq.LineQubit.range(circuit["qubits"])
    operations = []
    for operation in circuit["operations"]:
        name, angles = operation["op"], operation.get("angles", [])
        if name == "measure":
            continue
        gate = u3(*angles) if name == "u3" else GATES[name](*angles) if angles else GATES[name]
        operations.append(gate(*(qubits[q] for q in operation["qubits"])))
    return cirq.Circuit(operations, cirq.measure(*reversed(qubits), key="c"))


def to_qiskit(circuit):
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


def prepare(circuit, shots):
    in_cirq, in_qiskit = to_cirq(circuit), to_qiskit(circuit)
    simulator, aer = cirq.Simulator(), AerSimulator(method="statevector")
    return {
        "cirq": lambda: simulator.run(in_cirq, repetitions=shots).histogram(key="c"),
        "aer": lambda: aer.run(in_qiskit, shots=shots).result().get_counts(),
    }


peers = {}
for line in sys.stdin:
    message = json.loads(line)
    if "circuit" in message:
        peers = prepare(message["circuit"], message["shots"])
    print(json.dumps({name: milliseconds(run) for name, run in peers.items()}), flush=True)
