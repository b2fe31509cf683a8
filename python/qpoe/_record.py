"""`qpoe.record`: one job, as a signed record."""

import json
import os

from . import _command
from ._adapters import describe
from ._errors import QpoeError
from ._html import record_html


class Record:
    """A record in the store. What it says is read from its file."""

    def __init__(self, answer):
        self.record_id = answer["record_id"]
        self.hash = answer["hash"]
        self.path = os.path.abspath(answer["path"])
        self.log_entry = answer.get("log_entry")

    @property
    def content(self):
        with open(self.path, encoding="utf-8") as file:
            return json.load(file)

    @property
    def results(self):
        """One a program: {"kind": "counts", …} or {"kind": "expectation", …}."""
        return self.content["execution"]["result_summary"]

    def verify(self):
        from ._verify import verify

        return verify(self.path)

    def __repr__(self):
        return "<qpoe record %s %s>" % (self.record_id, self.hash)

    def _repr_html_(self):
        return record_html(self, self.content)


def record(x, circuit=None, label=None, *, note=None, wait=False, store=None):
    """Records a job or a result: Qiskit's (backends and primitives), Cirq's or Braket's.

    circuit: the circuit it is of, or a list of them, where the job doesn't know or ran a compiled one.
    wait: wait for a job that isn't finished, instead of refusing it.
    """
    capture = describe(x, circuit, wait)
    for name, words in (("label", label), ("note", note)):
        if words is not None:
            capture[name] = str(words)
    arguments = ["record", "--capture", "-", "--json", *([] if store is None else ["--store", os.fspath(store)])]
    code, stdout, stderr = _command.ask(arguments, json.dumps(capture, allow_nan=False).encode() + b"\n")
    if code != 0:
        raise QpoeError(_command.last_line(stderr))
    return Record(json.loads(stdout)["records"][0])
