"""Records of quantum jobs, from the process that runs them.

    import qpoe
    qpoe.record(job)       # one job, or its result
    qpoe.auto()            # every job of this process, from here on
    qpoe.tags(receipt)     # what binds a Runtime job to the receipt of its source

What is found in Python is written down as a capture (docs/capture.md) and handed to the qpoe command, which makes the
record and signs it: no key is ever read here. Nothing but the standard library is imported until a job is there.
"""

from ._auto import auto, flush
from ._errors import QpoeError
from ._record import Record, record
from ._tags import tags
from ._verify import Verdict, verify

__version__ = "0.1.0"
__all__ = ["QpoeError", "Record", "Verdict", "auto", "flush", "record", "tags", "verify"]
