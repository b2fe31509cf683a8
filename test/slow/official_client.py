"""What a person's script does with the official client, unchanged: everything it needs stands in the environment."""

import json
import warnings

warnings.simplefilter("ignore")

import numpy as np
from qiskit import QuantumCircuit, qasm3
from qiskit.circuit import Parameter
from qiskit.quantum_info import SparsePauliOp, Statevector
from qiskit.transpiler import generate_preset_pass_manager
from qiskit_ibm_runtime import Batch, EstimatorV2, QiskitRuntimeService, SamplerV2, Session

SEED = 11
SHOTS = 500


def main():
    service = QiskitRuntimeService()
    backend = service.backends()[0]
    transpile = generate_preset_pass_manager(backend=backend, optimization_level=1, seed_transpiler=1).run
    theta = Parameter("θ")
    report = {"backend": backend.name, "qubits": backend.num_qubits}

    bell = QuantumCircuit(2)
    bell.h(0)
    bell.delay(100, 0)
    bell.cx(0, 1)
    bell.measure_all()
    bell = transpile(bell)
    swept = QuantumCircuit(3, 2)
    swept.ry(theta, 0)
    swept.cx(0, 1)
    swept.measure([0, 1], [1, 0])
    swept = transpile(swept)
    angles = np.linspace(0, np.pi, 6).reshape(2, 3, 1)
    dynamic = QuantumCircuit(2, 2)
    dynamic.sx(0)
    dynamic.measure(0, 0)
    with dynamic.if_test((dynamic.clbits[0], 1)):
        dynamic.x(1)
    dynamic.measure(1, 1)
    dynamic = transpile(dynamic)

    sampler = SamplerV2(mode=backend)
    sampler.options.simulator.seed_simulator = SEED
    sampler.options.environment.job_tags = ["from-python"]
    job = sampler.run([bell, (swept, angles), dynamic], shots=SHOTS)
    result = job.result()
    report["sampler"] = {
        "seed": SEED,
        "shots": SHOTS,
        "programs": [
            {"text": qasm3.dumps(bell, disable_constants=True), "counts": result[0].data.meas.get_counts()},
            *(
                {
                    "text": qasm3.dumps(swept.assign_parameters(angles[at]), disable_constants=True),
                    "counts": result[1].data.c.get_counts(at),
                }
                for at in np.ndindex(2, 3)
            ),
            {"text": qasm3.dumps(dynamic, disable_constants=True), "counts": result[2].data.c.get_counts()},
        ],
        "shape": result[1].data.c.shape,
        "span": result.metadata["execution"]["execution_spans"][0].size,
        "metrics": job.metrics(),
        "usage": job.usage(),
    }

    again = service.job(job.job_id())
    report["again"] = {
        "same": again.result()[0].data.meas.get_counts() == result[0].data.meas.get_counts(),
        "circuit": again.inputs["pubs"][0][0] == bell,
        "tags": again.tags,
        "updated": sorted(again.update_tags(["a", "b"])),
        "found": [found.job_id() for found in service.jobs(job_tags=["a", "b"])] == [job.job_id()],
        "properties": again.properties() is not None,
    }

    state = QuantumCircuit(2)
    state.ry(theta, 0)
    state.cx(0, 1)
    state.rx(0.4, 1)
    isa = transpile(state)
    hamiltonians = [SparsePauliOp.from_list([("ZZ", 1.0), ("XY", -0.5), ("II", 0.25)]), SparsePauliOp("YI")]
    points = np.linspace(0, 3, 4)
    with Session(backend=backend) as session:
        estimator = EstimatorV2(mode=session)
        estimated = estimator.run(
            [(isa, [[each.apply_layout(isa.layout)] for each in hamiltonians], points.reshape(4, 1), 0.02)]
        )
        data = estimated.result()[0].data
        open_status = session.status()
    expected = [
        [Statevector(state.assign_parameters([point])).expectation_value(each).real for point in points]
        for each in hamiltonians
    ]
    report["estimator"] = {
        "values": data.evs.tolist(),
        "errors": data.stds.tolist(),
        "expected": expected,
        "session": [open_status, session.status()],
        "in_session": estimated.session_id == session.session_id,
    }

    with Batch(backend=backend) as batch:
        jobs = [SamplerV2(mode=batch).run([bell], shots=10 * (at + 1)) for at in range(3)]
        report["batch"] = [each.result()[0].data.meas.num_shots for each in jobs]

    private = SamplerV2(mode=backend)
    private.options.environment.private = True
    secret = private.run([bell], shots=10)
    report["private"] = [secret.result()[0].data.meas.num_shots, read_again(secret)]

    logical = QuantumCircuit(1)
    logical.h(0)
    logical.measure_all()
    report["refused"] = refusal(lambda: sampler.run([logical]))
    report["failed"] = refusal(lambda: service._run("sampler", unchecked(logical), {"backend": backend}).result())
    print(json.dumps(report))


def unchecked(circuit):
    """A circuit that the client itself would have refused to send."""
    return {"pubs": [(circuit,)], "version": 2, "support_qiskit": True}


def read_again(job):
    return refusal(job.result)


def refusal(action):
    try:
        action()
    except Exception as error:
        return "%s: %s" % (type(error).__name__, error)
    return "nothing was refused"


main()
