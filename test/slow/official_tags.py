"""A job that the official client submits with the two tags of a receipt, and the tags of one that qpoe submitted."""

import json
import sys
import warnings

warnings.simplefilter("ignore")
sys.path.insert(0, sys.argv[1])

import qpoe
from qiskit import QuantumCircuit
from qiskit.transpiler import generate_preset_pass_manager
from qiskit_ibm_runtime import QiskitRuntimeService, SamplerV2

receipt, submitted = sys.argv[2:]
service = QiskitRuntimeService()
backend = service.backends()[0]
bell = QuantumCircuit(2)
bell.h(0)
bell.cx(0, 1)
bell.measure_all()
bell = generate_preset_pass_manager(backend=backend, optimization_level=1, seed_transpiler=1).run(bell)

tags = qpoe.tags(receipt)
sampler = SamplerV2(mode=backend, options={"environment": {"job_tags": tags}})
job = sampler.run([bell], shots=100)
job.result()
print(json.dumps({"job": job.job_id(), "tags": tags, "read": service.job(submitted).tags}))
