"""A sampler with three PUBs, one of them a sweep, and an estimator's sweep, by the official client as a person would write it."""

import json
import warnings

warnings.simplefilter("ignore")

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.quantum_info import SparsePauliOp
from qiskit.transpiler import generate_preset_pass_manager
from qiskit_ibm_runtime import EstimatorV2, QiskitRuntimeService, SamplerV2

service = QiskitRuntimeService()
backend = service.backends()[0]
transpile = generate_preset_pass_manager(backend=backend, optimization_level=1, seed_transpiler=1).run

bell = QuantumCircuit(2)
bell.h(0)
bell.cx(0, 1)
bell.measure_all()
theta = Parameter("theta")
swept = QuantumCircuit(1)
swept.ry(theta, 0)
swept.measure_all()
three = QuantumCircuit(3)
three.x(2)
three.h(0)
three.measure_all()
angles = np.linspace(0, np.pi, 4).reshape(4, 1)

job = SamplerV2(mode=backend).run([transpile(bell), (transpile(swept), angles), transpile(three)], shots=300)
result = job.result()
counts = [result[0].data.meas.get_counts()]
counts += [result[1].data.meas.get_counts(i) for i in range(4)]
counts += [result[2].data.meas.get_counts()]

rotated = QuantumCircuit(2)
rotated.ry(theta, 0)
rotated.cx(0, 1)
rotated = transpile(rotated)
observable = SparsePauliOp.from_list([("ZZ", 1.0), ("XX", 0.5)]).apply_layout(rotated.layout)
estimated = EstimatorV2(mode=backend).run([(rotated, observable, angles)])
values = np.asarray(estimated.result()[0].data.evs).ravel().tolist()

print(
    json.dumps(
        {
            "sampler": {"job": job.job_id(), "counts": counts},
            "estimator": {"job": estimated.job_id(), "values": values},
        }
    )
)
