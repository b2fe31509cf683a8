"""Jobs and results as the official client writes them, with what it reads in them: JSON on stdout."""

import json
import sys
from datetime import datetime, timezone

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter, ParameterVector
from qiskit.primitives import BitArray, DataBin, PrimitiveResult, SamplerPubResult, StatevectorEstimator, StatevectorSampler
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.quantum_info import SparsePauliOp
from qiskit_ibm_runtime import RuntimeEncoder
from qiskit_ibm_runtime.execution_span import DoubleSliceSpan, ExecutionSpans, SliceSpan, TwirledSliceSpanV2


def encoded(value):
    return json.loads(json.dumps(value, cls=RuntimeEncoder))


def widths():
    """BitArrays of 1 to 130 bits, in two registers too, and their counts."""
    rng = np.random.default_rng(7)
    for bits in range(1, 131):
        flat = rng.integers(0, 2, size=(2, 40, bits), dtype=np.uint8).astype(bool)
        array = BitArray.from_bool_array(flat, order="big")
        other = BitArray.from_bool_array(rng.integers(0, 2, size=(2, 40, 3)).astype(bool), order="big")
        data = DataBin(a=array, b=other, shape=(2,))
        both = BitArray.concatenate_bits([array, other])
        result = PrimitiveResult([SamplerPubResult(data)], metadata={"version": 2})
        yield {"bits": bits + 3, "results": encoded(result), "counts": [both.get_counts(point) for point in range(2)]}


def sampler():
    t = ParameterVector("t", 2)
    circuit = QuantumCircuit(3)
    circuit.ry(t[0], 0)
    circuit.rz(t[1], 0)
    circuit.cx(0, 1)
    circuit.measure_all()
    pub = SamplerPub.coerce((circuit, [[0.1, 0.2], [1.5, 0.3], [3.0, 0.4]], 50))
    plain = QuantumCircuit(2, 2)
    plain.h(0)
    plain.measure([0, 1], [0, 1])
    pubs = [pub, SamplerPub.coerce((plain, None, 20))]
    result = StatevectorSampler(seed=3).run(pubs).result()
    span = SliceSpan(datetime(2026, 1, 1, tzinfo=timezone.utc), datetime(2026, 1, 1, 0, 0, 5, tzinfo=timezone.utc), {0: ((3, 50), slice(0, 150))})
    result._metadata["execution"] = {"execution_spans": ExecutionSpans([span])}
    return {
        "params": encoded({"pubs": pubs, "options": {"default_shots": 4096}, "version": 2, "support_qiskit": True}),
        "results": encoded(result),
        "counts": [result[0].data.meas.get_counts(point) for point in range(3)] + [result[1].data.c.get_counts()],
        "values": [[0.1, 0.2], [1.5, 0.3], [3.0, 0.4], []],
    }


def estimator():
    t = Parameter("t")
    circuit = QuantumCircuit(2)
    circuit.ry(t, 0)
    circuit.cx(0, 1)
    observables = [[SparsePauliOp("ZZ")], [SparsePauliOp("XX")], [SparsePauliOp(["ZI", "IX"], [0.5, 2])]]
    pubs = [
        EstimatorPub.coerce((circuit, observables, {t: [0.1, 0.2]})),
        EstimatorPub.coerce((circuit, SparsePauliOp("ZZ"), [0.7])),
        EstimatorPub.coerce((circuit, [SparsePauliOp("ZZ"), SparsePauliOp("XX")], [[0.3], [0.4]])),
    ]
    result = StatevectorEstimator(seed=3).run(pubs).result()
    return {
        "params": encoded({"pubs": pubs, "options": {}, "version": 2, "support_qiskit": True}),
        "results": encoded(result),
        "evs": [pub.data.evs.tolist() for pub in result],
        "stds": [pub.data.stds.tolist() for pub in result],
    }


def spans():
    start, stop = datetime(2026, 1, 1, 1, 2, 3, 4500), datetime(2026, 1, 1, 1, 2, 4, tzinfo=timezone.utc)
    return encoded(
        {
            "execution": {
                "execution_spans": ExecutionSpans(
                    [
                        DoubleSliceSpan(start, stop, {1: ((2, 8), slice(0, 2), slice(0, 8))}),
                        TwirledSliceSpanV2(start, stop, {0: ((4, 2, 8), True, slice(0, 2), slice(0, 8), 32)}),
                    ]
                )
            }
        }
    )


json.dump({"widths": list(widths()), "sampler": sampler(), "estimator": estimator(), "spans": spans()}, sys.stdout)
