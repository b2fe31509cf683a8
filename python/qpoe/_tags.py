"""`qpoe.tags`: a receipt's binding, as the tags of a Runtime job."""

import json
import os

from . import _command
from ._errors import QpoeError


def tags(receipt, *, store=None):
    """The two tags that bind a job of IBM's Runtime to a receipt that is logged.

    They go into the options of the very submission, so that the job carries them from its beginning:

        sampler = SamplerV2(mode=backend, options={"environment": {"job_tags": qpoe.tags(receipt)}})

    receipt: its id, as `qpoe attest receipt` prints it, or a file.
    """
    words = ["runtime", "tags", os.fspath(receipt), "--json"]
    code, stdout, stderr = _command.ask([*words, *([] if store is None else ["--store", os.fspath(store)])])
    if code != 0:
        raise QpoeError(_command.last_line(stderr))
    return json.loads(stdout)["tags"]
