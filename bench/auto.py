"""What `qpoe.auto()` costs: 1,000 Aer runs with it beside 1,000 without, in turns of 50, in one process."""

import sys
import tempfile
import time

import qpoe
from qiskit import QuantumCircuit
from qiskit_aer import AerSimulator

RUNS = 1000
TURN = 50


def ladder(qubits, layers):
    circuit = QuantumCircuit(qubits, qubits)
    for layer in range(layers):
        for qubit in range(qubits):
            circuit.rx(0.1 * qubit + layer, qubit)
        for qubit in range(qubits - 1):
            circuit.cx(qubit, qubit + 1)
    circuit.measure(range(qubits), range(qubits))
    return circuit


def spend(simulator, circuit, runs):
    start = time.perf_counter()
    for seed in range(runs):
        simulator.run(circuit, shots=1000, seed_simulator=seed).result()
    return time.perf_counter() - start


def measure(qubits, layers, store):
    simulator, circuit = AerSimulator(), ladder(qubits, layers)
    spend(simulator, circuit, TURN)
    plain = recorded = 0.0
    for _ in range(RUNS // TURN):
        qpoe.auto(False)
        plain += spend(simulator, circuit, TURN)
        qpoe.auto(store=store)
        recorded += spend(simulator, circuit, TURN)
    start = time.perf_counter()
    left = qpoe.flush(600)
    flushed = time.perf_counter() - start
    print(
        "%2d qubits, %3d gates: %d runs %.2f s, recorded %.2f s: x %.2f; until all are signed and logged %.1f s more, %d left"
        % (qubits, len(circuit.data), RUNS, plain, recorded, recorded / plain, flushed, left)
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as store:
        for size in ((4, 4), (10, 5)):
            measure(*size, store + "/%d" % size[0])
    sys.stdout.flush()
