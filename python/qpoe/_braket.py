"""Amazon Braket's gate-model tasks as captures. Column j of a measurement is bit c[j]."""

import base64
import re
import time

from ._capture import CAPTURE, Circuits, count_rows, counts_result, environment, expectation_result, one_line, registers_of, rfc3339
from ._errors import QpoeError

PACKAGES = ("amazon-braket-sdk", "amazon-braket-default-simulator", "amazon-braket-schemas", "numpy", "qpoe")
FINISHED = ("COMPLETED", "FAILED", "CANCELLED")


def takes(x):
    return any(
        base.__module__.startswith("braket.tasks") and base.__name__ in ("QuantumTask", "GateModelQuantumTaskResult")
        for base in type(x).__mro__
    )


def result_of(x, wait):
    if not hasattr(x, "result"):
        return x
    state = x.state()
    if state not in FINISHED and not wait:
        raise QpoeError("the task is not finished (%s); give wait=True to wait for it" % state)
    try:
        result = x.result()
    except Exception as error:
        raise QpoeError("the task has no result: %s" % one_line(error)) from error
    if result is None:
        raise QpoeError("the task has no result (%s)" % x.state())
    return result


def describe(x, circuit=None, submission=None, wait=False):
    sent = submission or {}
    clock = sent.get("clock")
    result = sent["result"] if "result" in sent else result_of(x, wait)
    finished = clock.finished() if clock else time.time()
    circuits = Circuits(lambda ran: export(ran, result))
    ran = circuit if circuit is not None else action_of(result)
    program = {"values": values_of(result), "shots": int(result.task_metadata.shots or 0), "result": outcomes_of(result)}
    if ran is not None:
        program["circuit"] = circuits.place(ran)
    return {
        "capture": CAPTURE,
        "sdk": "braket",
        "backend": str(result.task_metadata.deviceId or "braket").split("/")[-1][:200],
        "started_at": rfc3339(clock.started if clock else finished),
        "finished_at": rfc3339(finished),
        "circuits": circuits.exported,
        "programs": [program],
        "executed": [],
        "raw": {"format": "braket-task-result+json", "base64": base64.b64encode(serialized(result)).decode()},
        "job": {"measured_qubits": [int(qubit) for qubit in result.measured_qubits or []]},
        "timing": {} if clock else {"times": "when it was recorded"},
        "environment": environment(PACKAGES),
    }


def serialized(result):
    """Without the task's id in the cloud, which names the account: it is no part of what was measured."""
    import json

    from ._capture import plain

    document = {
        "additional_metadata": json.loads(result.additional_metadata.json()),
        "measured_qubits": result.measured_qubits,
        "measurements": result.measurements,
        "result_types": [{"type": str(entry.type), "value": entry.value} for entry in result.result_types or []],
    }
    return json.dumps(document, default=plain).encode()


def action_of(result):
    """The program that the service says it ran: OpenQASM 3."""
    action = getattr(result.additional_metadata, "action", None)
    return action if hasattr(action, "source") else None


def values_of(result):
    inputs = getattr(action_of(result), "inputs", None) or {}
    return {str(name): float(value) for name, value in inputs.items() if isinstance(value, (int, float))}


def outcomes_of(result):
    if result.measurements is not None and len(result.measurements) > 0:
        table = result.measurements
        return counts_result(count_rows(table[:, ::-1]), int(table.shape[1]))
    values = [entry.value for entry in result.result_types or [] if isinstance(entry.value, (int, float))]
    if not values or len(values) != len(result.result_types):
        raise QpoeError("this result holds neither measurements nor expectation values: it can't be recorded")
    return expectation_result(values)


def export(ran, result):
    bits = [("b", len(result.measured_qubits or []))]
    source = getattr(ran, "source", None)
    try:
        if source is None:
            source = ran.to_ir("OPENQASM").source if not isinstance(ran, str) else ran
        return {"format": "openqasm3", "text": source, "openqasm": with_library(source), "registers": registers_of(bits)}
    except Exception as error:
        return {"format": "text", "text": str(ran) or "?", "unexported": one_line(error), "registers": registers_of(bits)}


NAMES = {"cnot": "cx", "i": "id", "si": "sdg", "ti": "tdg", "v": "sx", "phaseshift": "p", "cphaseshift": "cp", "ccnot": "ccx"}


def with_library(source):
    """Braket's own names of gates, which no `include` declares, as those of OpenQASM's library."""
    named = re.sub(r"^(%s)(?=[ (])" % "|".join(NAMES), lambda name: NAMES[name.group()], source, flags=re.MULTILINE)
    return re.sub(r"^OPENQASM 3[.0]*;", 'OPENQASM 3.0;\ninclude "stdgates.inc";', named)


def observe(device, args, kwargs, clock):
    return {"clock": clock}
