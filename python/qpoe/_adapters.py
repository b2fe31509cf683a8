"""Which adapter takes what. None of them imports its SDK before there is something of it."""

from . import _braket, _cirq, _qiskit
from ._errors import QpoeError

ADAPTERS = (_qiskit, _cirq, _braket)


def describe(x, circuit=None, wait=False):
    for adapter in ADAPTERS:
        if adapter.takes(x):
            return adapter.describe(x, circuit=circuit, wait=wait)
    raise QpoeError(
        "a %s can't be recorded; give a Qiskit job, Result or PrimitiveResult, a Cirq Result, or a Braket task"
        % type(x).__name__
    )
