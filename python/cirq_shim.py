"""Cirq and its dense simulator, for runner.py."""

import base64
import json
import re

PACKAGES = {"cirq-core": "cirq", "ply": "ply", "numpy": "numpy"}


def run(programs, seed):
    import cirq
    from cirq.contrib.qasm_import import circuit_from_qasm

    simulator = cirq.Simulator(seed=make_seed(seed))
    results = [
        simulator.run(circuit_from_qasm(program["text"]), repetitions=program["shots"]) for program in programs
    ]
    raw = cirq.to_json(results[0] if len(results) == 1 else results)
    return {
        "backend": "cirq.Simulator",
        "programs": [
            {"counts": count(result.records, bits_of(program["text"]))} for program, result in zip(programs, results)
        ],
        "raw": base64.b64encode(raw.encode()).decode(),
        "applied": describe_seed(seed) + "; one simulator, whose stream runs on, for all programs in order",
        "settings": {},
    }


def estimate(programs, observables):
    """In double precision, unlike the sampling: a value has no shots to hide the difference."""
    import cirq
    import numpy
    from cirq.contrib.qasm_import import circuit_from_qasm

    simulator = cirq.Simulator(dtype=numpy.complex128)
    width = len(observables[0][0][0])
    qubits = [cirq.NamedQubit("q_%d" % index) for index in range(width)]
    sums = [sum((pauli(label, qubits) * weight for label, weight in each), cirq.PauliSum()) for each in observables]
    values = []
    for program in programs:
        circuit = cirq.drop_terminal_measurements(circuit_from_qasm(program["text"]))
        found = simulator.simulate_expectation_values(circuit, sums, qubit_order=qubits)
        values.append([float(value.real) for value in found])
    return {
        "backend": "cirq.Simulator",
        "programs": [{"values": each} for each in values],
        "raw": base64.b64encode(json.dumps(values).encode()).decode(),
        "settings": {"dtype": "complex128"},
    }


def pauli(label, qubits):
    import cirq

    letters = {"X": cirq.X, "Y": cirq.Y, "Z": cirq.Z}
    return cirq.PauliString(
        letters[letter](qubit) for letter, qubit in zip(reversed(label), qubits) if letter != "I"
    )


def make_seed(seed):
    """Cirq takes at most 32 bits as they are."""
    import numpy

    return seed if seed < 2**32 else numpy.random.RandomState([seed % 2**32, seed // 2**32])


def describe_seed(seed):
    if seed < 2**32:
        return "cirq.Simulator(seed = seed)"
    return "cirq.Simulator(seed = numpy.random.RandomState([seed mod 2^32, seed div 2^32]))"


def bits_of(text):
    return int(re.search(r"^bit\[(\d+)\] c;$", text, re.MULTILINE).group(1))


def count(records, bits):
    """Outcomes as c[n-1]...c[0], of each bit the last value; one that nothing was measured into is 0.

    Other keys are of the text's own helper bits.
    """
    import numpy

    shots = len(next(iter(records.values())))
    table = numpy.zeros((shots, bits), dtype=numpy.uint8)
    for key, values in records.items():
        if key.startswith("c_"):
            table[:, bits - 1 - int(key.removeprefix("c_"))] = values[:, -1, 0]
    # A row as one opaque value sorts far faster than a row as a row.
    rows = numpy.packbits(table, axis=1)
    outcomes, counts = numpy.unique(rows.view(numpy.dtype((numpy.void, rows.shape[1]))), return_counts=True)
    unpacked = numpy.unpackbits(outcomes.view(numpy.uint8).reshape(-1, rows.shape[1]), axis=1, count=bits)
    return {"".join(map(str, row)): int(number) for row, number in zip(unpacked.tolist(), counts)}
