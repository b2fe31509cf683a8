"""Qiskit and its Aer simulator, for runner.py."""

import base64
import io
import json
import re
import zlib

PACKAGES = {
    "qiskit": "qiskit",
    "qiskit-aer": "qiskit_aer",
    "qiskit-qasm3-import": "qiskit_qasm3_import",
    "numpy": "numpy",
}

METHOD = "automatic"
OPTIMIZATION_LEVEL = 0
SEED_STEP = 2113  # what Aer itself adds for each further circuit of a job


class TooLarge(Exception):
    kind = "too-large"


class Failed(Exception):
    kind = "sdk"


def run(programs, seed):
    from qiskit import qasm3
    from qiskit_aer import AerSimulator

    simulator = AerSimulator(method=METHOD)
    seed_transpiler = seed % 2**32
    circuits = compile_all([qasm3.loads(program["text"]) for program in programs], simulator, seed_transpiler)
    jobs = [execute(simulator, *job) for job in split_jobs(circuits, [program["shots"] for program in programs], seed)]
    raw = [job.to_dict() for job in jobs]
    results = [(job, index) for job in jobs for index in range(len(job.results))]
    return {
        "backend": simulator.name,
        "programs": [
            {
                "counts": {key.replace(" ", ""): int(count) for key, count in job.get_counts(index).items()},
                # Without `disable_constants` an angle near a fraction of pi is written as that fraction.
                "executed": {"format": "openqasm3", "text": qasm3.dumps(circuit, disable_constants=True)},
            }
            for circuit, (job, index) in zip(circuits, results)
        ],
        "raw": base64.b64encode(json.dumps(raw[0] if len(raw) == 1 else raw).encode()).decode(),
        "applied": "AerSimulator seed_simulator = seed + %d k for program k; seed_transpiler = seed mod 2^32" % SEED_STEP,
        "settings": {
            "method": METHOD,
            "methods": [job.results[index].metadata["method"] for job, index in results],
            "optimization_level": OPTIMIZATION_LEVEL,
            "seed_transpiler": seed_transpiler,
        },
    }


def estimate(programs, observables):
    """By Qiskit's own reference estimator, of the circuits without their final measurements."""
    from qiskit import qasm3
    from qiskit.primitives import StatevectorEstimator
    from qiskit.quantum_info import SparsePauliOp

    sums = [SparsePauliOp.from_list([(label, coefficient) for label, coefficient in each]) for each in observables]
    circuits = [qasm3.loads(program["text"]).remove_final_measurements(inplace=False) for program in programs]
    result = StatevectorEstimator(default_precision=0.0).run([(circuit, sums) for circuit in circuits]).result()
    values = [[float(value) for value in pub.data.evs] for pub in result]
    return {
        "backend": "StatevectorEstimator",
        "programs": [{"values": each} for each in values],
        "raw": base64.b64encode(json.dumps(values).encode()).decode(),
        "settings": {"precision": 0},
    }


def compile_all(circuits, simulator, seed_transpiler):
    from qiskit import transpile
    from qiskit.transpiler.exceptions import CircuitTooWideForTarget

    try:
        return transpile(circuits, simulator, optimization_level=OPTIMIZATION_LEVEL, seed_transpiler=seed_transpiler)
    except CircuitTooWideForTarget as error:
        raise TooLarge(
            "%d qubits; Aer takes %d in this machine's memory"
            % (max(circuit.num_qubits for circuit in circuits), simulator.num_qubits)
        ) from error


def split_jobs(circuits, shots, seed):
    """One Aer job has one number of shots. Program k gets the same seed either way."""
    if len(set(shots)) == 1:
        return [(circuits, shots[0], seed)]
    return [([circuits[k]], shots[k], seed + SEED_STEP * k) for k in range(len(circuits))]


def execute(simulator, circuits, shots, seed):
    result = simulator.run(circuits, shots=shots, seed_simulator=seed).result()
    if not result.success:
        reason = str(result.status)
        raise (TooLarge if "Insufficient memory" in reason else Failed)(reason)
    return result


# Before QPY 13 a circuit can hold text that Qiskit evaluated as Python until 1.4.2 (CVE-2025-2000): jobs are others' files.
OLDEST_SAFE_QPY = 13
OLDEST_SAFE_QISKIT = (1, 4, 2)


def export(circuits):
    """OpenQASM 3 of circuits in QPY, base64(zlib(QPY)) each, with the names of their parameters in Qiskit's order."""
    return [export_or_say_why(circuit) for circuit in circuits]


def export_or_say_why(text):
    try:
        return export_one(zlib.decompress(base64.b64decode(text, validate=True)))
    except Exception as error:  # one circuit that can't be exported must not cost the others
        return {"fault": (" ".join(str(error).split()) or type(error).__name__)[:500]}


def export_one(data):
    from qiskit import qasm3, qpy
    from qiskit.version import get_version_info

    version = data[6] if data[:6] == b"QISKIT" else None
    installed = tuple(int(part) for part in re.findall(r"\d+", get_version_info())[:3])
    if version is None:
        raise Failed("not QPY")
    if version < OLDEST_SAFE_QPY and installed < OLDEST_SAFE_QISKIT:
        raise Failed("QPY %d is not safe to read with Qiskit %s" % (version, get_version_info()))
    circuits = qpy.load(io.BytesIO(data))
    if len(circuits) != 1:
        raise Failed("%d circuits in one QPY file" % len(circuits))
    return {
        "text": qasm3.dumps(circuits[0], disable_constants=True),
        "parameters": [parameter.name for parameter in circuits[0].parameters],
    }


def run_noisy(request):
    """Aer with a noise model a program, on circuits that are in the device's own gates already: nothing is transpiled."""
    from qiskit import qasm3
    from qiskit_aer import AerSimulator

    counts = []
    for index, program in enumerate(request["programs"]):
        simulator = AerSimulator(method=METHOD, noise_model=noise_model(program["noise"]))
        result = execute(simulator, [qasm3.loads(program["text"])], program["shots"], request["seed"] + SEED_STEP * index)
        counts.append({key.replace(" ", ""): int(count) for key, count in result.get_counts(0).items()})
    return counts


def noise_model(noise):
    from qiskit_aer.noise import NoiseModel, ReadoutError, depolarizing_error

    model = NoiseModel(basis_gates=["id", "x", "sx", "rx", "rz", "cz", "cx", "h", "sdg"])
    for qubit, (one_for_zero, zero_for_one) in enumerate(noise["readout"]):
        model.add_readout_error(
            ReadoutError([[1 - one_for_zero, one_for_zero], [zero_for_one, 1 - zero_for_one]]), [qubit]
        )
    for gate in noise["gates"]:
        qubits = gate["qubits"]
        dimension = 2 ** len(qubits)
        # A device states the average gate error; a depolarizing channel of parameter p has (1 - 1/d) p of it.
        parameter = min(1.0, gate["error"] * dimension / (dimension - 1))
        model.add_quantum_error(depolarizing_error(parameter, len(qubits)), gate["name"], qubits)
    return model


OPERATIONS = {"noisy": run_noisy}
