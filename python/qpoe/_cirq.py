"""Cirq's results as captures.

Cirq keeps measurements by key. Here the bits of an outcome are numbered as `cirq.Circuit.to_qasm` declares them: the keys
in the order in which the circuit measures them, of each the qubits in order; c[0] is the first.
"""

from ._capture import CAPTURE, Circuits, bounded, count_rows, counts_result, environment, one_line, registers_of, rfc3339
from ._errors import QpoeError

PACKAGES = ("cirq-core", "numpy", "qpoe")
# Each point of a sweep has a text of its own.
MAX_EXPORTED_POINTS = 200


def takes(x):
    first = x[0] if isinstance(x, (list, tuple)) and x else x
    return any(base.__module__.split(".")[0] == "cirq" and base.__name__ == "Result" for base in type(first).__mro__)


def describe(x, circuit=None, submission=None, wait=False):
    import cirq

    results = list(x) if isinstance(x, (list, tuple)) else [x]
    sent = submission or {}
    circuit = circuit if circuit is not None else sent.get("circuit")
    keys = key_order(circuit, results[0])
    sweep = len(results) > MAX_EXPORTED_POINTS
    circuits = Circuits(lambda template, point: export(template, results[point], keys, sweep))
    template = None if circuit is None else circuit.freeze()
    programs = []
    for point, result in enumerate(results):
        entry = {
            "values": values_of(result),
            "shots": int(result.repetitions),
            "result": outcomes_of(result, keys),
        }
        if template is not None:
            entry["circuit"] = circuits.place(template, 0 if sweep or not entry["values"] else point)
        programs.append(entry)
    clock = sent.get("clock")
    import time

    finished = clock.finished() if clock else time.time()
    return {
        "capture": CAPTURE,
        "sdk": "cirq",
        "backend": sent.get("backend", "cirq"),
        "started_at": rfc3339(clock.started if clock else finished),
        "finished_at": rfc3339(finished),
        "circuits": circuits.exported,
        "programs": bounded(programs),
        "executed": [],
        "raw": text_raw(cirq.to_json(results[0] if len(results) == 1 else results)),
        "options": sent.get("options", {}),
        "timing": {} if clock else {"times": "when it was recorded"},
        "environment": environment(PACKAGES),
    }


def text_raw(text):
    import base64

    return {"format": "cirq-json", "base64": base64.b64encode(text.encode()).decode()}


def values_of(result):
    """Symbols by name; a value that is no real number stands in the raw result alone."""
    values = {}
    for symbol, value in result.params.param_dict.items():
        try:
            values[str(symbol)] = float(value)
        except (TypeError, ValueError):
            continue
    return values


def key_order(circuit, result):
    """Keys as the circuit measures them; without it, as the result names them."""
    import cirq

    known = list(result.records)
    if circuit is None:
        return known
    order = []
    for operation in circuit.all_operations():
        for key in sorted(cirq.measurement_key_names(operation)):
            if key in known and key not in order:
                order.append(key)
    return order + [key for key in known if key not in order]


def registers(result, keys):
    """A key that is measured more than once gives bits each time."""
    pairs = []
    for key in keys:
        _, instances, qubits = result.records[key].shape
        pairs.append((key, instances * qubits))
    return pairs


def outcomes_of(result, keys):
    import numpy

    columns = [result.records[key].reshape(result.repetitions, -1) for key in keys]
    if not columns or sum(column.shape[1] for column in columns) == 0:
        raise QpoeError("this circuit measures nothing: there are no outcomes to record")
    table = numpy.concatenate(columns, axis=1)
    if table.size and int(table.max()) > 1:
        raise QpoeError("a measurement of this result is no bit (a qudit): it can't be recorded")
    return counts_result(count_rows(table[:, ::-1]), table.shape[1])


def export(template, result, keys, sweep):
    import cirq

    exported = {"format": "cirq-json", "text": cirq.to_json(template), "registers": registers_of(registers(result, keys))}
    if sweep:
        exported["unexported"] = "a sweep of more than %d points" % MAX_EXPORTED_POINTS
        return exported
    try:
        resolved = cirq.resolve_parameters(template.unfreeze(), result.params)
        # As many digits as a double has: the default of 10 would be another circuit.
        exported["openqasm"] = resolved.to_qasm(precision=17)
        exported["bound"] = True
    except Exception as error:
        exported["unexported"] = one_line(error)
    return exported


def observe(sampler, args, kwargs, clock):
    """What run_sweep(program, params, repetitions) was called with."""
    program = args[0] if args else kwargs.get("program")
    options = {}
    noise = getattr(sampler, "noise", None)
    if noise is not None and str(noise) != "(no noise)":
        options["noise"] = type(noise).__name__
    return {
        "circuit": None if program is None else program.freeze(),
        "backend": "cirq.%s" % type(sampler).__name__,
        "options": options,
        "clock": clock,
    }
