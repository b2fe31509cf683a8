"""The official client's own loop over the same jobs: each one's results, fetched and decoded, and its metrics."""

import json
import time
import warnings

warnings.simplefilter("ignore")

from qiskit_ibm_runtime import QiskitRuntimeService

start = time.perf_counter()
service = QiskitRuntimeService()
jobs = service.jobs(limit=None, pending=False)
shots = 0
for job in jobs:
    shots += sum(pub.data.c.num_shots for pub in job.result())
    job.metrics()
print(json.dumps({"jobs": len(jobs), "shots": shots, "seconds": time.perf_counter() - start}))
