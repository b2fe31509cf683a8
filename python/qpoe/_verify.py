"""`qpoe.verify`: the command's verdict on a file, by the policy in the person's own home."""

import json
import os

from . import _command
from ._errors import QpoeError
from ._html import verdict_html


class Verdict:
    def __init__(self, code, answer):
        self.exit_code = code
        self.files = answer["files"]

    @property
    def passed(self):
        return self.exit_code == 0

    def __bool__(self):
        return self.passed

    def __repr__(self):
        return "<qpoe verdict: %s>" % "; ".join(line_of(file) for file in self.files)

    def _repr_html_(self):
        return verdict_html([line_of(file) for file in self.files])


def line_of(file):
    verdict = file.get("verdict")
    return str(verdict["headline"] if isinstance(verdict, dict) else file.get("reason") or "not evidence")


def verify(*paths):
    """What `qpoe verify` says of files and folders. Never a mere True: look at what it says is not proven."""
    code, stdout, stderr = _command.ask(["verify", "--json", *map(os.fspath, paths)])
    answer = json.loads(stdout) if stdout.strip() else {}
    if "files" not in answer:
        raise QpoeError(_command.last_line(stderr))
    return Verdict(code, answer)
