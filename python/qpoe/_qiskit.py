"""Qiskit's jobs and results as captures: backends' `Result`, primitives' `PrimitiveResult`, one program a PUB and a point.

The bits of an outcome are c[n-1]...c[0] over all classical registers, the first-declared register's bits being the lowest,
as Qiskit prints them.
"""

import base64
import hashlib
import io
import re
import time

from ._capture import (
    CAPTURE,
    Circuits,
    bounded,
    count_rows,
    counts_result,
    environment,
    expectation_result,
    one_line,
    raw,
    registers_of,
    rfc3339,
    settings,
)
from ._errors import QpoeError

PACKAGES = ("qiskit", "qiskit-aer", "qiskit-ibm-runtime", "numpy", "qpoe")
INPUT = re.compile(r"^input \S+ (\S+);$", re.MULTILINE)
MITIGATION = ("resilience", "resilience_level", "twirling", "dynamical_decoupling", "noise_model")


def takes(x):
    for base in type(x).__mro__:
        root = base.__module__.split(".")[0]
        if root.startswith("qiskit") and base.__name__ in ("Result", "PrimitiveResult", "PubResult", "Job", "BasePrimitiveJob", "RuntimeJobV2"):
            return True
    return False


def describe(x, circuit=None, submission=None, wait=False):
    sent = dict(submission or {})
    job = x if is_job(x) else None
    if "result" in sent:
        result = sent["result"]
    else:
        result = result_of(x, wait) if is_job(x) else x
    if type(result).__name__.endswith("PubResult"):
        from qiskit.primitives import PrimitiveResult

        result = PrimitiveResult([result])
    if job is not None:
        told = told_by(job, asking=submission is None)
        sent = {**told, **sent, "job": {**told["job"], **sent.get("job", {})}}
    if hasattr(result, "get_counts"):
        return describe_backend_result(result, circuit, sent)
    if is_primitive_result(result):
        return describe_primitive_result(result, circuit, sent)
    raise QpoeError("a %s can't be recorded: give a job, a Result or a PrimitiveResult" % type(result).__name__)


def is_job(x):
    return callable(getattr(x, "result", None)) and not hasattr(x, "get_counts")


def is_primitive_result(result):
    return any(base.__name__ == "PrimitiveResult" for base in type(result).__mro__)


def result_of(job, wait):
    if not wait and not is_finished(job):
        raise QpoeError("the job is not finished; give wait=True to wait for it")
    try:
        return job.result()
    except Exception as error:
        raise QpoeError("the job has no result: %s" % one_line(error)) from error


def is_finished(job):
    if hasattr(job, "in_final_state"):
        return job.in_final_state()
    return str(getattr(job.status(), "name", job.status())) in ("DONE", "ERROR", "CANCELLED")


def is_local(job):
    """Whether asking how it stands stays in this process."""
    return any(
        base.__module__.startswith(("qiskit.primitives", "qiskit_aer", "qiskit_ibm_runtime.fake_provider"))
        and base.__name__ in ("PrimitiveJob", "AerJob", "LocalRuntimeJob")
        for base in type(job).__mro__
    )


def told_by(job, asking):
    """What a job says of itself; whatever it doesn't say is left out.

    asking: also what a job in the cloud would have to be asked for over the network.
    """
    told = {"job": {}}
    for name in ("job_id", "session_id", "primitive_id"):
        value = getattr(job, name, None)
        value = asked(value) if callable(value) else value
        if isinstance(value, str) and value:
            told["job"][name] = value[:200]
    backend = asked(getattr(job, "backend", None))
    if backend is not None:
        told["backend"] = name_of(backend)
    if not asking and not is_local(job):
        return told
    circuits = asked(getattr(job, "circuits", None))
    if circuits:
        told["circuits"] = list(circuits)
    inputs = asked(lambda: job.inputs)
    inputs = inputs if isinstance(inputs, dict) else {}
    pubs = inputs.get("pubs") or arguments_of(job)
    if pubs:
        told["pubs"] = list(pubs)
    told.update(settings_of(job, inputs))
    metrics = asked(getattr(job, "metrics", None))
    if isinstance(metrics, dict):
        told["metrics"] = settings({name: metrics.get(name) for name in ("timestamps", "usage")})
    return told


def asked(method):
    try:
        return method() if callable(method) else None
    except Exception:  # a job that can't say it is a job that doesn't
        return None


def settings_of(job, inputs):
    """The options that it was sent with; of a local job also those of the primitive that runs it."""
    sent = split(settings(inputs["options"])) if isinstance(inputs.get("options"), dict) else split({})
    primitive = getattr(getattr(job, "_function", None), "__self__", None)
    if not any(base.__name__ in ("BaseSamplerV2", "BaseEstimatorV2") for base in type(primitive).__mro__):
        return {name: section for name, section in sent.items() if section}
    own = observe_primitive(primitive, (), {}, None)
    merged = {name: {**own[name], **sent[name]} for name in ("options", "mitigation", "seeds")}
    return {**merged, "backend": own["backend"]}


def arguments_of(job):
    """The PUBs that a local job was made with."""
    arguments = getattr(job, "_args", None)
    if arguments and isinstance(arguments[0], list) and all(hasattr(pub, "circuit") for pub in arguments[0]):
        return arguments[0]
    return None


def name_of(backend):
    name = getattr(backend, "name", None)
    name = asked(name) if callable(name) else name
    return str(name or type(backend).__name__)[:200]


# Backends


def describe_backend_result(result, given, sent):
    if not result.success:
        raise QpoeError("the job failed: %s" % one_line(result.status))
    circuits = Circuits(export)
    ran = sent.get("circuits") or []
    sources = as_list(given) if given is not None else ran
    matched = match(sources, sent.get("parameter_binds"), len(result.results))
    executed_by = match(ran, sent.get("parameter_binds"), len(result.results))
    programs, executed = [], []
    for index, experiment in enumerate(result.results):
        counts, bits = counts_of(result, index)
        circuit, bound = matched[index]
        program = {"values": {}, "shots": sum(counts.values()), "result": counts_result(counts, bits)}
        if circuit is not None:
            place = circuits.place(circuit)
            program["circuit"] = place
            program["values"] = bound_values(circuit, circuits[place], bound)
        programs.append(program)
        compiled = executed_by[index][0]
        if compiled is not None and (compiled is not circuit or layout_of(compiled)):
            executed.append({"program": index, "circuit": circuits.place(compiled), **layout_of(compiled)})
    started, finished, timing = times_of(sent.get("clock"), finished_at(result), getattr(result, "time_taken", None))
    experiments = [experiment.to_dict() for experiment in result.results]
    return {
        "capture": CAPTURE,
        "sdk": "qiskit",
        "backend": str(sent.get("backend") or result.backend_name or "unknown")[:200],
        "started_at": started,
        "finished_at": finished,
        "circuits": without_names(circuits.exported),
        "programs": bounded(programs),
        "executed": executed,
        "raw": raw("qiskit-result+json", result.to_dict()),
        "job": settings({**sent.get("job", {}), "job_id": getattr(result, "job_id", None), **said_of(experiments, "method", "device")}),
        "options": sent.get("options", {}),
        "mitigation": {**sent.get("mitigation", {}), **settings(said_of(experiments, "noise"))},
        "seeds": {
            **sent.get("seeds", {}),
            **settings({"simulator": distinct(experiment.get("seed_simulator") for experiment in experiments)}),
        },
        "timing": timing,
        "environment": environment(PACKAGES),
    }


def said_of(experiments, *names):
    """What the simulator says of how it ran each."""
    metadata = [experiment.get("metadata") or {} for experiment in experiments]
    return {name: distinct(entry.get(name) for entry in metadata) for name in names}


def distinct(values):
    seen = []
    for value in values:
        if value is not None and value not in seen:
            seen.append(value)
    return seen[0] if len(seen) == 1 else (seen or None)


def as_list(circuits):
    return list(circuits) if isinstance(circuits, (list, tuple)) else [circuits]


def match(circuits, binds, results):
    """Which circuit, with which values, gave each result; nothing where that can't be told."""
    if not circuits:
        return [(None, None)] * results
    if not binds:
        pairs = [(circuit, None) for circuit in circuits]
    else:
        pairs = []
        for circuit, bind in zip(circuits, binds):
            points = max((len(values) for values in bind.values()), default=1)
            pairs += [(circuit, {name: values[point] for name, values in bind.items()}) for point in range(points)]
    return pairs if len(pairs) == results else [(None, None)] * results


def counts_of(result, index):
    header = getattr(result.results[index], "header", None)
    header = header if isinstance(header, dict) else getattr(header, "__dict__", {})
    slots = header.get("memory_slots")
    try:
        # Of a saved state Qiskit makes "counts" of probabilities: only what was counted is counts.
        data = result.data(index)
        if "counts" not in data:
            raise QpoeError("the result holds no counts: there is nothing to record")
        counts = counts_in_bits(data["counts"], slots, header.get("creg_sizes"))
        if counts is not None:
            return counts, slots
        counts = result.get_counts(index)
    except QpoeError:
        raise
    except Exception as error:
        raise QpoeError("the result holds no counts (%s): there is nothing to record" % one_line(error)) from error
    counts = {key.replace(" ", ""): int(count) for key, count in counts.items()}
    bits = int(slots or max(map(len, counts)))
    if any(set(key) - {"0", "1"} for key in counts):
        raise QpoeError("the outcomes of this result are no bits: how wide they are is not known")
    return {key.zfill(bits): count for key, count in counts.items()}, bits


def counts_in_bits(counts, bits, registers):
    """What `get_counts` makes of hexadecimal outcomes, without the spaces between registers, in a fraction of its time.

    Nothing where it is not as plain as that: then it is for Qiskit to say.
    """
    if not isinstance(bits, int) or bits <= 0 or not all(key.startswith("0x") for key in counts):
        return None
    if registers and sum(size for _, size in registers) != bits:
        return None
    form = "0%db" % bits
    outcomes = {format(int(key, 16), form): int(count) for key, count in counts.items()}
    return outcomes if outcomes and all(len(outcome) == bits for outcome in outcomes) else None


def bound_values(circuit, exported, bound):
    """Keyed as the exported text names its inputs."""
    if not bound:
        return {}
    values = {str(getattr(name, "name", name)): float(value) for name, value in bound.items()}
    return {exported["names"].get(name, name): value for name, value in values.items()}


def finished_at(result):
    date = getattr(result, "date", None)
    if not date:
        return None
    import datetime

    if isinstance(date, str):
        try:
            date = datetime.datetime.fromisoformat(date)
        except ValueError:
            return None
    return date.timestamp()


def times_of(clock, finished, taken):
    """The job's own word on when it ended is taken where it lies within what this process saw."""
    now = clock.finished() if clock else time.time()
    timing = settings({"time_taken_s": taken}) if isinstance(taken, (int, float)) else {}
    if clock:
        end = finished if finished is not None and clock.started <= finished <= now else now
        return rfc3339(clock.started), rfc3339(end), timing
    end = finished if finished is not None and finished <= now else now
    start = end - taken if finished is not None and isinstance(taken, (int, float)) else end
    if finished is None:
        timing["times"] = "when it was recorded"
    return rfc3339(start), rfc3339(end), timing


# Primitives


def describe_primitive_result(result, given, sent):
    circuits = Circuits(export)
    results = list(result)
    ran = sent.get("pubs")
    pubs = given_pubs(given) if given is not None else ran
    if pubs is not None and len(pubs) != len(results):
        if given is not None:
            raise QpoeError("%d circuits for the results of %d: give one each" % (len(pubs), len(results)))
        pubs = None
    programs, executed = [], []
    for index, one in enumerate(results):
        pub = None if pubs is None else pubs[index]
        compiled = ran[index] if ran is not None and len(ran) == len(results) else None
        # What it was bound to and measured in is what ran, whoever's circuit it is said to be of.
        values_from = compiled if compiled is not None else pub
        made = estimated(one, values_from) if "evs" in one.data.keys() else sampled(one, values_from)
        first = len(programs)
        for values, program in made:
            if pub is not None:
                place = circuits.place(circuit_of(pub))
                program["circuit"] = place
                names = circuits[place]["names"]
                program["values"] = {names.get(name, name): value for name, value in values.items()}
            programs.append(program)
        if compiled is not None:
            circuit = circuit_of(compiled)
            layout = layout_of(circuit)
            if layout or (pub is not compiled and circuit is not circuit_of(pub)):
                place = circuits.place(circuit)
                executed += [{"program": at, "circuit": place, **layout} for at in range(first, len(programs))]
    started, finished, timing = times_of(sent.get("clock"), None, None)
    metadata = settings(getattr(result, "metadata", None) or {})
    return {
        "capture": CAPTURE,
        "sdk": "qiskit",
        "backend": sent.get("backend", "unknown"),
        "started_at": started,
        "finished_at": finished,
        "circuits": without_names(circuits.exported),
        "programs": bounded(programs),
        "executed": executed,
        "raw": raw("qpoe-primitive-result+json", primitive_document(result)),
        "job": {**settings(sent.get("job", {})), **({"metadata": metadata} if metadata else {})},
        "options": sent.get("options", {}),
        "mitigation": sent.get("mitigation", {}),
        "seeds": sent.get("seeds", {}),
        "timing": {**timing, **({"job": sent["metrics"]} if sent.get("metrics") else {})},
        "environment": environment(PACKAGES),
    }


def given_pubs(given):
    """Circuits or PUBs, one or many: a tuple that begins with a circuit is one PUB."""
    if isinstance(given, tuple) and given and hasattr(given[0], "clbits"):
        return [given]
    return as_list(given)


def circuit_of(pub):
    if hasattr(pub, "circuit"):
        return pub.circuit
    return pub[0] if isinstance(pub, tuple) else pub


def coerced(pub, kind):
    """A PUB with its arrays; None of a bare circuit that can't be one."""
    if pub is None or hasattr(pub, "parameter_values"):
        return pub
    from qiskit.primitives.containers.estimator_pub import EstimatorPub
    from qiskit.primitives.containers.sampler_pub import SamplerPub

    try:
        return (SamplerPub if kind == "sampler" else EstimatorPub).coerce(pub)
    except Exception:  # the circuit is known all the same; its values are not
        return None


def sampled(one, pub):
    import numpy

    data = one.data
    names = register_names(data, None if pub is None else circuit_of(pub))
    arrays = [data[name] for name in names]
    if not arrays or any(not hasattr(array, "num_shots") for array in arrays):
        raise QpoeError("this result holds no outcomes in bits (%s): it can't be recorded" % ", ".join(data.keys()))
    points = bound_points(coerced(pub, "sampler"))
    bits = sum(array.num_bits for array in arrays)
    for index in numpy.ndindex(tuple(arrays[0].shape)):
        # Rows are written highest bit first: the last register leads.
        table = numpy.concatenate([bit_table(array, index) for array in reversed(arrays)], axis=1)
        counts = count_rows(table)
        yield points(index), {"values": {}, "shots": int(table.shape[0]), "result": counts_result(counts, bits)}


def register_names(data, circuit):
    names = [name for name in data.keys()]
    if circuit is None:
        return names
    declared = [register.name for register in circuit.cregs if register.name in names]
    return declared if len(declared) == len(names) else names


def bit_table(array, index):
    """One point's shots as rows of bits, the highest first."""
    import numpy

    packed = array.array[index]
    return numpy.unpackbits(packed, axis=-1)[:, packed.shape[-1] * 8 - array.num_bits :]


def bound_points(pub):
    """From the place in a sweep to the values there, by parameter name."""
    if pub is None or pub.circuit.num_parameters == 0:
        return lambda index: {}
    names = [parameter.name for parameter in pub.circuit.parameters]
    values = pub.parameter_values.as_array(pub.circuit.parameters)
    return lambda index: dict(zip(names, map(float, values[index])))


def estimated(one, pub):
    """A program for each point of the parameters, with the observables that were estimated there."""
    import numpy

    values = numpy.asarray(one.data.evs, dtype=float)
    errors = getattr(one.data, "stds", None)
    errors = None if errors is None else numpy.broadcast_to(numpy.asarray(errors, dtype=float), values.shape)
    shots = one.metadata.get("shots")
    shots = int(shots) if isinstance(shots, (int, float)) or hasattr(shots, "item") else 0
    pub = coerced(pub, "estimator")
    if pub is None or tuple(pub.shape) != values.shape:
        yield {}, estimate(values.ravel(), None if errors is None else errors.ravel(), shots)
        return
    points = bound_points(pub)
    shape = tuple(pub.parameter_values.shape)
    places = numpy.broadcast_to(numpy.arange(int(numpy.prod(shape, dtype=int))).reshape(shape), values.shape)
    terms = pub.observables
    observed = numpy.arange(terms.size).reshape(terms.shape)
    listed = [named_terms(term) for term in terms.ravel()]
    observed = numpy.broadcast_to(observed, values.shape)
    for place in range(int(numpy.prod(shape, dtype=int))):
        here = places == place
        program = estimate(values[here], None if errors is None else errors[here], shots)
        program["observables"] = [listed[index] for index in observed[here]]
        yield points(numpy.unravel_index(place, shape) if shape else ()), program


def estimate(values, errors, shots):
    return {"values": {}, "shots": shots, "result": expectation_result(values, errors)}


def named_terms(term):
    return {str(label): float(getattr(weight, "real", weight)) for label, weight in dict(term).items()}


def primitive_document(result):
    return {
        "type": "PrimitiveResult",
        "metadata": result.metadata,
        "pubs": [
            {
                "type": type(one).__name__,
                "shape": list(one.data.shape),
                "data": {name: array_document(one.data[name]) for name in one.data.keys()},
                "metadata": one.metadata,
            }
            for one in result
        ],
    }


def array_document(array):
    if not hasattr(array, "num_shots"):
        return array
    return {
        "type": "BitArray",
        "num_bits": int(array.num_bits),
        "shape": list(array.array.shape),
        "base64": base64.b64encode(array.array.tobytes()).decode(),
    }


# Circuits


_exported = {}
MAX_EXPORTED = 64


def export(circuit):
    """Writing OpenQASM takes longer than many a simulation: a circuit that is run again isn't written again.

    Circuits can be changed after they ran, so they are known by their content (QPY, which is fast), not by their identity.
    """
    from qiskit import qpy

    stream = io.BytesIO()
    try:
        qpy.dump(circuit, stream)
    except Exception:  # one that can't be told from others is written each time
        return written(circuit)
    key = hashlib.sha256(stream.getvalue()).digest()
    exported = _exported.get(key)
    if exported is None:
        if len(_exported) >= MAX_EXPORTED:
            _exported.clear()
        exported = _exported[key] = written(circuit)
    return exported


def written(circuit):
    """OpenQASM 3, as the original toolkit hashes it but with whole angles; QPY where there is none."""
    from qiskit import qasm3

    registers = registers_of((register.name, register.size) for register in circuit.cregs)
    registers = {"registers": registers} if registers else {}
    try:
        # Without `disable_constants` an angle near a fraction of pi is written as that fraction.
        text = qasm3.dumps(circuit, disable_constants=True)
    except Exception as error:
        return {**serialized(circuit), "unexported": one_line(error), **registers, "names": {}}
    exported = {"format": "openqasm3", "text": text, **registers, "names": input_names(circuit, text)}
    # A compiled circuit names hardware qubits ($0): the same one with a register of qubits can be read anywhere.
    if circuit.layout is not None and "$" in text:
        logical = circuit.copy()
        logical._layout = None
        exported["openqasm"] = qasm3.dumps(logical, disable_constants=True)
    return exported


def serialized(circuit):
    from qiskit import qpy

    stream = io.BytesIO()
    try:
        qpy.dump(circuit, stream)
    except Exception:  # not even Qiskit's own form: its drawing at least says which one it was
        return {"format": "text", "text": str(circuit.draw("text")) or "an empty circuit"}
    return {"format": "qpy", "base64": base64.b64encode(stream.getvalue()).decode()}


def input_names(circuit, text):
    """OpenQASM has no theta[0]: what the text calls each parameter."""
    declared = INPUT.findall(text)
    names = [parameter.name for parameter in circuit.parameters]
    return dict(zip(names, declared)) if len(names) == len(declared) else {}


def without_names(exported):
    return [{name: value for name, value in entry.items() if name != "names"} for entry in exported]


def layout_of(circuit):
    layout = getattr(circuit, "layout", None)
    if layout is None:
        return {}
    try:
        told = {"initial": layout.initial_index_layout(filter_ancillas=True), "final": layout.final_index_layout()}
    except Exception:  # a layout of another kind of compiler
        return {"layout": {"kind": type(layout).__name__}}
    return {"layout": settings(told)}


# What the hooks see


def observe_backend(backend, args, kwargs, clock):
    """`backend.run(circuits, …)`: a circuit may be changed after it was sent, so what was sent is copied."""
    sent = args[0] if args else kwargs.get("run_input", kwargs.get("circuits"))
    circuits = [circuit.copy() for circuit in as_list(sent) if hasattr(circuit, "clbits")]
    options = {**settings(dict(getattr(backend, "options", None) or {})), **settings(without(kwargs, "circuits", "run_input", "parameter_binds"))}
    return {
        "circuits": circuits,
        "parameter_binds": kwargs.get("parameter_binds"),
        "backend": name_of(backend),
        **split(options),
        "clock": clock,
    }


def observe_primitive(primitive, args, kwargs, clock):
    pubs = args[0] if args else kwargs.get("pubs")
    backend = getattr(primitive, "_backend", None) or getattr(primitive, "backend", None)
    backend = asked(backend) if callable(backend) and not hasattr(backend, "name") else backend
    options = {
        **settings(options_of(primitive)),
        **settings({name: getattr(primitive, name, None) for name in ("default_shots", "default_precision")}),
        **settings(without(kwargs, "pubs")),
    }
    sent = {"backend": type(primitive).__name__ if backend is None else name_of(backend), **split(options), "clock": clock}
    sent["job"] = {"primitive": type(primitive).__name__}
    seed = getattr(primitive, "seed", None)
    if isinstance(seed, int):
        sent["seeds"]["sampler"] = seed
    # An iterator is the primitive's to read; the job has its PUBs.
    if isinstance(pubs, (list, tuple)):
        sent["pubs"] = [copied(pub) for pub in pubs]
    return sent


def copied(pub):
    if hasattr(pub, "clbits"):
        return pub.copy()
    if isinstance(pub, tuple) and pub and hasattr(pub[0], "clbits"):
        return (pub[0].copy(), *pub[1:])
    return pub


def options_of(primitive):
    options = getattr(primitive, "options", None)
    if options is None:
        return {}
    if isinstance(options, dict):
        return options
    import dataclasses

    return dataclasses.asdict(options) if dataclasses.is_dataclass(options) else dict(vars(options))


def without(options, *names):
    return {name: value for name, value in options.items() if name not in names}


def split(options):
    """Settings by what they are for: seeds, mitigation, the rest."""
    mitigation = {name: options.pop(name) for name in MITIGATION if name in options}
    seeds = {}
    for name, section in (("simulator", options), ("simulator", options.get("simulator")), ("transpiler", options)):
        key = "seed_transpiler" if name == "transpiler" else "seed_simulator"
        if isinstance(section, dict) and isinstance(section.get(key), int):
            seeds[name] = section[key]
    return {"options": options, "mitigation": mitigation, "seeds": seeds}
