"""The hash of the text that an SDK makes of a clifford_t_sampling circuit, as the original toolkit took it.

One JSON line in, {"workload", "sdk", "n_qubits", "depth", "seed"}, the seed as decimal text; one out, {"digest", "version"}.
The calls are the original's, one for one: Cirq's text shows how a circuit was put together.
"""

import hashlib
import json
import random
import sys

GATES = "hsxyz"


def main():
    request = json.loads(sys.stdin.readline())
    if request["workload"] != "clifford_t_sampling":
        sys.exit("no such workload: " + request["workload"])
    write = {"qiskit": write_qiskit, "cirq": write_cirq}[request["sdk"]]
    text, version = write(request["n_qubits"], request["depth"], random.Random(int(request["seed"])))
    json.dump({"digest": "sha256:" + hashlib.sha256(text.encode()).hexdigest(), "version": version}, sys.stdout)


def draw(n_qubits, depth, rng):
    for _layer in range(depth):
        for qubit in range(n_qubits):
            yield rng.choice(GATES), qubit
            if rng.random() < 0.15:
                yield "t", qubit


def write_qiskit(n_qubits, depth, rng):
    import qiskit
    from qiskit import qasm3

    circuit = qiskit.QuantumCircuit(n_qubits, n_qubits)
    for gate, qubit in draw(n_qubits, depth, rng):
        getattr(circuit, gate)(qubit)
    circuit.measure(range(n_qubits), range(n_qubits))
    return qasm3.dumps(circuit), qiskit.__version__


def write_cirq(n_qubits, depth, rng):
    import cirq

    qubits = cirq.LineQubit.range(n_qubits)
    circuit = cirq.Circuit()
    for gate, qubit in draw(n_qubits, depth, rng):
        circuit.append(getattr(cirq, gate.upper())(qubits[qubit]))
    circuit.append(cirq.measure(*qubits, key="m"))
    return cirq.to_json(circuit), cirq.__version__


main()
