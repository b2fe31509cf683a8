"""What the adapters share: building a capture (docs/capture.md), and values that JSON can hold."""

import base64
import datetime
import json
import math
import time

from ._errors import QpoeError

CAPTURE = 1
MAX_PROGRAMS = 10_000
MAX_TEXT = 1000


class Clock:
    """When something began by the process's clock; how long it took by one that is never set back."""

    def __init__(self):
        self.started = time.time()
        self._monotonic = time.monotonic()

    def finished(self):
        return self.started + (time.monotonic() - self._monotonic)


def rfc3339(seconds):
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (moment.microsecond // 1000)


class Circuits:
    """The circuits of one job, each once, however many programs run it."""

    def __init__(self, export):
        self._export = export
        self._places = {}
        self.exported = []

    def place(self, circuit, *more):
        key = (id(circuit), *more)
        if key not in self._places:
            # The circuit is kept with its place: another one must not get its id meanwhile.
            self._places[key] = (len(self.exported), circuit)
            self.exported.append(self._export(circuit, *more))
        return self._places[key][0]

    def __getitem__(self, place):
        return self.exported[place]


def count_rows(table):
    """Outcomes of a shots x bits table of 0 and 1, written as its rows read."""
    import numpy

    bits = table.shape[1]
    # A row as one opaque value sorts far faster than a row as a row.
    rows = numpy.ascontiguousarray(numpy.packbits(table.astype(numpy.uint8), axis=1))
    outcomes, counts = numpy.unique(rows.view(numpy.dtype((numpy.void, rows.shape[1]))), return_counts=True)
    unpacked = numpy.unpackbits(outcomes.view(numpy.uint8).reshape(-1, rows.shape[1]), axis=1, count=bits)
    return {"".join(map(str, row)): int(number) for row, number in zip(unpacked.tolist(), counts)}


def counts_result(counts, bits):
    return {"kind": "counts", "bits": bits, "counts": counts}


def expectation_result(values, errors=None):
    values = [float(value) for value in values]
    if not all(map(math.isfinite, values)):
        raise QpoeError("an expectation value of this result is no finite number: there is nothing to record")
    result = {"kind": "expectation", "values": values}
    errors = None if errors is None else [float(error) for error in errors]
    # Some mitigation gives none; the raw result has what there is.
    if errors is not None and all(math.isfinite(error) and error >= 0 for error in errors):
        result["std_errors"] = errors
    return result


def bounded(programs):
    if len(programs) > MAX_PROGRAMS:
        raise QpoeError("a job of %d programs; a record takes %d: record its parts" % (len(programs), MAX_PROGRAMS))
    return programs


def raw(format, document):
    text = json.dumps(document, default=plain, allow_nan=True)
    return {"format": format, "base64": base64.b64encode(text.encode()).decode()}


def plain(value):
    """What json.dumps can't write by itself: numbers of numpy's, arrays, complex numbers."""
    if hasattr(value, "dtype") and hasattr(value, "tobytes"):
        if getattr(value, "shape", ()) == () and hasattr(value, "item"):
            return value.item()
        return {
            "type": "ndarray",
            "dtype": str(value.dtype),
            "shape": list(value.shape),
            "base64": base64.b64encode(value.tobytes()).decode(),
        }
    if isinstance(value, complex):
        return [value.real, value.imag]
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return type(value).__name__


def settings(value, depth=6):
    """Settings as JSON has them: what isn't a plain value is named by its class, what is unset is left out."""
    if value is None or type(value).__name__ in ("UnsetType", "Unset"):
        return None
    if isinstance(value, (bool, str)):
        return value if isinstance(value, bool) else value[:MAX_TEXT]
    if isinstance(value, int):
        return int(value) if abs(value) < 2**53 else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) and (value == 0 or abs(value) > 1e-300) else str(value)
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        return settings(value.item(), depth)
    if depth == 0:
        return type(value).__name__
    if isinstance(value, dict):
        inner = {str(name)[:100]: settings(member, depth - 1) for name, member in value.items() if str(name)}
        return {name: member for name, member in inner.items() if member is not None and member != {}}
    if isinstance(value, (list, tuple)) and len(value) <= 1000:
        return [settings(member, depth - 1) for member in value]
    return type(value).__name__


_environments = {}


def environment(distributions):
    """Versions only: never a host, a user or a path."""
    if distributions not in _environments:
        import importlib.metadata
        import platform

        packages = {}
        for distribution in distributions:
            try:
                packages[distribution] = importlib.metadata.version(distribution)
            except importlib.metadata.PackageNotFoundError:
                continue
        _environments[distributions] = {
            "packages": packages,
            "python": {"implementation": platform.python_implementation(), "version": platform.python_version()},
            "platform": {"system": platform.system(), "machine": platform.machine()},
        }
    return _environments[distributions]


def registers_of(pairs):
    return [{"name": str(name)[:200], "bits": int(bits)} for name, bits in pairs if int(bits) > 0]


def one_line(error):
    text = " ".join(str(error).split()) or type(error).__name__
    return text[:MAX_TEXT]
