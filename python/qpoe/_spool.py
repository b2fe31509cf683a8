"""Captures on their way: each is written whole into the store's spool, and a qpoe command in the background records them.

What the command didn't get to, because everything was killed, waits in the spool for whoever records there next.
"""

import atexit
import itertools
import json
import os
import subprocess
import sys
import time

from . import _command
from ._errors import QpoeError

EXIT_WAIT = 10


class Spool:
    def __init__(self, store=None):
        self.exec_folder = os.environ.get("QPOE_EXEC_SPOOL") if store is None else None
        self.store = os.path.abspath(store or os.environ.get("QPOE_STORE") or ".qpoe")
        self.folder = self.exec_folder or os.path.join(self.store, "spool")
        self._numbers = itertools.count()
        self._drainer = None
        self._failed = False
        atexit.register(self._at_exit)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._in_child)

    def is_of(self, store):
        return store is None or (self.exec_folder is None and os.path.abspath(store) == self.store)

    def put(self, capture):
        """Whole or not at all: a temporary name, then its own."""
        # All at once: `json.dump` writes in small pieces, which takes several times as long.
        document = json.dumps(capture, allow_nan=False).encode("ascii")
        self._make_folder()
        name = "%020d-%d-%d-%s" % (time.time_ns(), os.getpid(), next(self._numbers), os.urandom(4).hex())
        temporary = os.path.join(self.folder, ".tmp-" + os.urandom(8).hex())
        try:
            with open(temporary, "wb") as file:
                file.write(document)
            os.rename(temporary, os.path.join(self.folder, name + ".json"))
        except BaseException:
            remove(temporary)
            raise
        self._tell()

    def _make_folder(self):
        if os.path.isdir(self.folder):
            return
        try:
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
        except OSError as error:
            raise QpoeError("can't write to %s: %s" % (self.folder, error.strerror)) from error
        ignore = os.path.join(self.store, ".gitignore")
        if self.exec_folder is None and not os.path.exists(ignore):
            with open(ignore, "w", encoding="ascii") as file:
                file.write("*\n")

    def waiting(self):
        try:
            names = os.listdir(self.folder)
        except FileNotFoundError:
            return 0
        return sum(1 for name in names if ".json" in name and not name.startswith(".tmp-"))

    def flush(self, timeout):
        """Under `qpoe exec` its own process records; otherwise the background command is let finish."""
        end = time.monotonic() + timeout
        if self.exec_folder is None:
            if self.waiting() and self._drainer is None:
                self._tell()
            self.close(max(0.0, end - time.monotonic()))
            return self.waiting()
        while self.waiting() and time.monotonic() < end:
            time.sleep(0.1)
        return self.waiting()

    def _tell(self):
        if self.exec_folder is not None or self._failed:
            return
        if self._drainer is None:
            self._start()
        try:
            os.write(self._drainer.stdin.fileno(), b"\n")
        except BlockingIOError:
            return  # it has been told often enough
        except OSError:
            self._drainer = None  # it ended; the next capture starts another
            self._start()

    def _start(self):
        """One command for the whole process: it records what it finds whenever it is told, and ends when stdin does."""
        arguments = ["record", "--capture", self.folder, "--follow", "--store", self.store]
        try:
            with open(os.path.join(self.folder, "last.log"), "wb") as said:
                self._drainer = _command.start(arguments, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said)
        except (QpoeError, OSError) as error:
            self._failed = True
            raise QpoeError("captured, but not signed yet (%s); later: qpoe record --capture %s" % (error, self.folder)) from error
        os.set_blocking(self._drainer.stdin.fileno(), False)

    def close(self, timeout):
        drainer, self._drainer = self._drainer, None
        if drainer is None:
            return True
        try:
            drainer.stdin.close()
        except OSError:
            pass
        try:
            code = drainer.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        if code != 0:
            self._complain()
        return True

    def _complain(self):
        from ._auto import warn

        try:
            with open(os.path.join(self.folder, "last.log"), encoding="utf-8", errors="replace") as file:
                said = file.read()
        except OSError:
            said = ""
        warn("jobs wait in %s" % self.folder, _command.last_line(said))

    def _at_exit(self):
        from ._auto import safely, take_finished

        safely(take_finished)
        if safely(self.close, EXIT_WAIT) is False:
            sys.stderr.write("qpoe: %d jobs are still being recorded, in the background\n" % self.waiting())

    def _in_child(self):
        """A forked process has its own jobs and must not keep its parent's command alive."""
        drainer, self._drainer = self._drainer, None
        if drainer is not None:
            try:
                os.close(drainer.stdin.fileno())
            except OSError:
                pass
            drainer.returncode = 0  # not this process's to wait for


def remove(path):
    try:
        os.unlink(path)
    except OSError:
        pass
