"""What `qpoe.auto()` costs: Aer runs with it beside as many without, in turns, in one process.

    auto.py RUNS TURN

Aer twice: with one thread, and as it comes. As it comes, its OpenMP threads wait for each other in a busy loop: a run of a
millisecond takes ten where anything else wants the processor, and what is measured is then who else runs. With one thread it
is fastest at these sizes, and the peer that is hardest to stand beside. Each turn begins once what the last one spooled
is recorded, so that no turn pays for another's; within its own the background command runs as it always does.

A line of JSON for each circuit.
"""

import json
import os
import sys
import tempfile
import time

import qpoe
from qiskit import QuantumCircuit
from qiskit_aer import AerSimulator
from qpoe import _auto

RUNS, TURN = int(sys.argv[1]), int(sys.argv[2])


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
        simulator.run(circuit, shots=1000, seed_simulator=seed).result().get_counts()
    return time.perf_counter() - start


def wait_for_records():
    start = time.perf_counter()
    while _auto.state.spool.waiting():
        time.sleep(0.02)
    return time.perf_counter() - start


def measure(qubits, layers, threads, store):
    options = {} if threads is None else {"max_parallel_threads": threads}
    simulator, circuit = AerSimulator(**options), ladder(qubits, layers)
    spend(simulator, circuit, TURN)
    turns, waited = [], 0.0
    for _ in range(RUNS // TURN):
        qpoe.auto(False)
        plain = spend(simulator, circuit, TURN)
        qpoe.auto(store=store)
        turns.append((plain, spend(simulator, circuit, TURN)))
        waited += wait_for_records()
    told = {"qubits": qubits, "gates": len(circuit.data) - qubits, "threads": threads, "turns": turns, "waited": waited}
    print(json.dumps({**told, "runs": TURN * len(turns), "left": qpoe.flush(600)}), flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for threads in (1, None):
            for size in ((4, 4), (10, 5)):
                measure(*size, threads, os.path.join(folder, "%s-%s" % (size[0], threads)))
