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


# IBM's devices offer these only on demand, with angles of a quarter turn at most.
FRACTIONAL = ("rx", "rzz")


def transpile_for_device(request):
    """Circuits in a device's own instructions, on its qubits; observables as its qubits number them."""
    from qiskit import qasm3, transpile
    from qiskit.version import get_version_info

    target = device_target(json.loads(request["configuration"]), json.loads(request["properties"] or "null"))
    circuits = [qasm3.loads(text) for text in request["circuits"]]
    widest = max(circuit.num_qubits for circuit in circuits)
    if widest > target.num_qubits:
        raise TooLarge("%d qubits; the device has %d" % (widest, target.num_qubits))
    compiled = transpile(
        circuits,
        target=target,
        optimization_level=request["optimization_level"],
        seed_transpiler=request["seed_transpiler"],
    )
    return {
        "by": "qiskit " + get_version_info(),
        "circuits": [describe_compiled(circuit, request["observables"]) for circuit in compiled],
    }


def describe_compiled(circuit, observables):
    from qiskit import qasm3
    from qiskit.quantum_info import SparsePauliOp

    def place(observable):
        operator = SparsePauliOp.from_list(list(observable.items())).apply_layout(circuit.layout, circuit.num_qubits)
        return {label: coefficient.real for label, coefficient in operator.to_list()}

    return {
        "text": qasm3.dumps(circuit, disable_constants=True),
        "initial": circuit.layout.initial_index_layout(filter_ancillas=True),
        "final": circuit.layout.final_index_layout(filter_ancillas=True),
        "observables": [place(observable) for observable in observables],
    }


def device_target(configuration, properties):
    """What the device's own answers say that it can do, and how well: nothing of a client is asked."""
    from qiskit.circuit import Delay, IfElseOp, Measure, Reset
    from qiskit.circuit.library import get_standard_gate_name_mapping
    from qiskit.transpiler import InstructionProperties, Target

    qubits = configuration["n_qubits"]
    known = get_standard_gate_name_mapping()
    errors, readout, broken = device_errors(properties)
    target = Target(num_qubits=qubits)
    names = [gate["name"] for gate in configuration["gates"]]
    for gate in configuration["gates"]:
        name, places = gate["name"], gate.get("coupling_map")
        # Delays, resets and conditions stand among the gates too, and are added below.
        if name not in known or name in ("measure", "reset", "delay") or places is None:
            continue
        if name in FRACTIONAL and {"rz", "sx", "x"} <= set(names):
            continue
        usable = [tuple(place) for place in places if (name, tuple(place)) not in broken]
        target.add_instruction(
            known[name], {place: InstructionProperties(error=errors.get((name, place))) for place in usable}
        )
    target.add_instruction(
        Measure(), {(qubit,): InstructionProperties(error=readout.get(qubit)) for qubit in range(qubits)}
    )
    supported = configuration.get("supported_instructions") or []
    for name, instruction in (("reset", Reset()), ("delay", Delay(0))):
        if name in supported:
            target.add_instruction(instruction, {(qubit,): None for qubit in range(qubits)})
    if "if_else" in supported:
        target.add_instruction(IfElseOp, name="if_else")
    return target


def device_errors(properties):
    """Errors by gate and place, of reading by qubit, and what is out of order."""
    errors, readout, broken = {}, {}, set()
    for gate in (properties or {}).get("gates", []):
        place = (gate["gate"], tuple(gate["qubits"]))
        for parameter in gate["parameters"]:
            if parameter["name"] == "gate_error":
                errors[place] = parameter["value"]
            if parameter["name"] == "operational" and not parameter["value"]:
                broken.add(place)
    for qubit, values in enumerate((properties or {}).get("qubits", [])):
        for value in values:
            if value["name"] == "readout_error":
                readout[qubit] = value["value"]
    return errors, readout, broken


OPERATIONS = {"noisy": run_noisy, "transpile": transpile_for_device}
NEEDS = {"transpile": ("qiskit", "qiskit-qasm3-import")}
