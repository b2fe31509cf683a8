"""Amazon Braket and its LocalSimulator, for runner.py."""

import base64
import json
import re

PACKAGES = {
    "amazon-braket-sdk": "braket.devices",
    "amazon-braket-default-simulator": "braket.default_simulator",
    "numpy": "numpy",
}


def run(programs, seed):
    from braket.devices import LocalSimulator
    from braket.ir.openqasm import Program

    seed_simulator(seed)
    device = LocalSimulator("braket_sv")
    results = [
        device.run(Program(source=program["text"]), shots=program["shots"]).result() for program in programs
    ]
    raw = [
        {"measurementCounts": dict(result.measurement_counts), "measuredQubits": list(map(int, result.measured_qubits))}
        for result in results
    ]
    return {
        "backend": device.name,
        "programs": [
            {"counts": count(result.measurement_counts, program["text"])} for program, result in zip(programs, results)
        ],
        "raw": base64.b64encode(json.dumps(raw[0] if len(raw) == 1 else raw).encode()).decode(),
        "applied": "numpy.random.default_rng(seed) in place of the unseeded one; one stream, which runs on, for all programs in order",
        "settings": {"simulator": "braket_sv"},
    }


def seed_simulator(seed):
    """The simulator takes no seed: each simulation, of which a condition makes several, asks numpy for a fresh generator.

    All get one, so that no two draw the same numbers.
    """
    import numpy

    make, stream = numpy.random.default_rng, numpy.random.default_rng(seed)
    if hasattr(make, "unseeded"):
        make = make.unseeded
        stream = make(seed)

    def default_rng(*arguments, **named):
        return make(*arguments, **named) if arguments or named else stream

    default_rng.unseeded = make
    numpy.random.default_rng = default_rng


def count(found, text):
    """Outcomes as c[n-1]...c[0]. A column is a bit that something is measured into, lowest first; another bit is 0.

    The bit that resets are measured into is above all others, and no result.
    """
    own = re.search(r"^// c\[(\d+)\] is measured by resets$", text, re.MULTILINE)
    bits = int((own or re.search(r"^bit\[(\d+)\] c = ", text, re.MULTILINE)).group(1))
    written = sorted({int(bit) for bit in re.findall(r"^ *c\[(\d+)\] = measure ", text, re.MULTILINE)})
    counts = {}
    for key, number in found.items():
        if len(key) != len(written):
            raise ValueError("%d columns for %d measured bits" % (len(key), len(written)))
        values = dict(zip(written, key))
        outcome = "".join(values.get(bit, "0") for bit in reversed(range(bits)))
        counts[outcome] = counts.get(outcome, 0) + int(number)
    return counts


def estimate(programs, observables):
    """By result pragmas, one a product, of the circuits without their measurements."""
    from braket.devices import LocalSimulator
    from braket.ir.openqasm import Program

    device = LocalSimulator("braket_sv")
    labels = sorted({label for each in observables for label, _ in each if set(label) != {"I"}})
    texts = [with_pragmas(program["text"], labels) for program in programs]
    results = [device.run(Program(source=text), shots=0).result() if labels else None for text in texts]
    means = [dict(zip(labels, map(float, result.values))) if result else {} for result in results]
    values = [[sum(weight * mean.get(label, 1.0) for label, weight in each) for each in observables] for mean in means]
    return {
        "backend": device.name,
        "programs": [
            {"values": each, "executed": {"format": "openqasm3", "text": text}} for each, text in zip(values, texts)
        ],
        "raw": base64.b64encode(json.dumps(means).encode()).decode(),
        "settings": {"simulator": "braket_sv"},
    }


def with_pragmas(text, labels):
    """An `i` on each qubit: the simulator knows no qubit that no gate acts on."""
    qubits = int(re.search(r"^qubit\[(\d+)\] q;$", text, re.MULTILINE).group(1))
    gates = [line for line in text.splitlines() if " = measure " not in line]
    touched = ["i q[%d];" % qubit for qubit in range(qubits)]
    return "\n".join(gates + touched + ["#pragma braket result expectation " + product(label) for label in labels]) + "\n"


def product(label):
    """The leftmost letter is the highest qubit's."""
    return " @ ".join(
        "%s(q[%d])" % (letter.lower(), qubit) for qubit, letter in enumerate(reversed(label)) if letter != "I"
    )
