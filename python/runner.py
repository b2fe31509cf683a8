"""The harness of every Python SDK: one JSON request on stdin, one JSON answer on stdout (docs/runner-protocol.md).

Started as `python -I -B runner.py <sdk>`. It loads `<sdk>_shim.py` from its own folder and nothing else of ours; it
must parse on any Python 3, so that an old one gets an answer and not a syntax error.
"""

import json
import os
import signal
import sys
import traceback

PROTOCOL = 1
OLDEST = (3, 10)


KINDS = ("missing", "too-large", "request", "python", "sdk")


class RunnerError(Exception):
    """A failure of one of `KINDS`."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


def take_stdout():
    """The real stdout for the answer alone; whatever else is printed, by Python or C, lands on stderr."""
    answer = os.dup(1)
    os.dup2(2, 1)
    return answer


def read_line(descriptor):
    chunks = []
    while not chunks or b"\n" not in chunks[-1]:
        chunk = os.read(descriptor, 1 << 16)
        if not chunk:
            os._exit(1)
        chunks.append(chunk)
    return b"".join(chunks).split(b"\n", 1)[0]


def hold_lifeline(descriptors):
    """Ends this process group when stdin ends, which it does when the parent dies, however it dies.

    A thread alone can't: Aer holds the interpreter's lock for a whole simulation. So a fork watches, made before
    anything heavy is loaded. Where there is no fork, a thread is better than nothing.
    """
    if not hasattr(os, "fork"):
        import threading

        threading.Thread(target=end_at_eof, args=(lambda: os._exit(1),), daemon=True).start()
        return
    if os.getpgrp() != os.getpid():
        os.setpgid(0, 0)  # started by hand: never end the caller's group
    if os.fork() == 0:
        for descriptor in descriptors:
            os.close(descriptor)
        end_at_eof(lambda: os.killpg(os.getpgrp(), signal.SIGKILL))


def end_at_eof(end):
    try:
        while os.read(0, 1 << 12):
            pass
    finally:
        end()


def load_shim(sdk):
    import importlib.util

    if not sdk.isalnum():
        raise RunnerError("request", "not the name of an SDK: %r" % sdk)
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), sdk + "_shim.py")
    spec = importlib.util.spec_from_file_location(sdk + "_shim", path)
    shim = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(shim)
    return shim


def find_packages(shim):
    """Versions of what the shim needs, and what is missing; imports none of it."""
    import importlib.metadata
    import importlib.util

    found, missing = {}, []
    for distribution, module in shim.PACKAGES.items():
        try:
            if importlib.util.find_spec(module) is None:
                raise importlib.metadata.PackageNotFoundError(module)
            found[distribution] = importlib.metadata.version(distribution)
        # It looks for a submodule inside its package, and there may be none. PackageNotFoundError is one of them.
        except ModuleNotFoundError:
            missing.append(distribution)
    return found, missing


def describe(shim):
    import platform

    found, missing = find_packages(shim)
    return {
        "packages": found,
        "missing": missing,
        "python": {"implementation": platform.python_implementation(), "version": platform.python_version()},
        "platform": {"system": platform.system(), "machine": platform.machine()},
    }


def run(shim, request):
    description = describe(shim)
    if description["missing"]:
        raise RunnerError("missing", "missing: " + ", ".join(description["missing"]))
    answer = shim.run(request["programs"], request["seed"])
    probe = request.get("probe")
    if probe is not None:
        # In the same process: an SDK takes seconds to import.
        answer["probe"] = [
            shim.run([probe["program"]], seed)["programs"][0]["counts"] for seed in probe["seeds"]
        ]
    answer["environment"] = {name: description[name] for name in ("packages", "python", "platform")}
    return answer


def estimate(shim, request):
    """Exact expectation values, of an SDK that has them."""
    description = describe(shim)
    if description["missing"]:
        raise RunnerError("missing", "missing: " + ", ".join(description["missing"]))
    answer = shim.estimate(request["programs"], request["observables"])
    answer["environment"] = {name: description[name] for name in ("packages", "python", "platform")}
    return answer


def export(shim, request):
    """Circuits of the SDK's own format as OpenQASM 3. Running them may need more packages than are there."""
    if not hasattr(shim, "export"):
        raise RunnerError("request", "this SDK has no format of its own")
    description = describe(shim)
    circuits = shim.export(request["circuits"])
    return {"circuits": circuits, "environment": {name: description[name] for name in ("packages", "python", "platform")}}


def perform(shim, operation, request):
    """What only some shims can do: `OPERATIONS` names it, and `NEEDS` what it takes, where that isn't everything."""
    needed = getattr(shim, "NEEDS", {}).get(operation, shim.PACKAGES)
    missing = [name for name in describe(shim)["missing"] if name in needed]
    if missing:
        raise RunnerError("missing", "missing: " + ", ".join(missing))
    return shim.OPERATIONS[operation](request)


def answer_request(sdk, request):
    if request.get("protocol") != PROTOCOL or request.get("sdk") != sdk:
        raise RunnerError("request", "this runner speaks protocol %d for %s" % (PROTOCOL, sdk))
    shim = load_shim(sdk)
    operation = request.get("operation")
    if operation == "describe":
        return {"description": describe(shim)}
    if operation == "run":
        return {"result": run(shim, request)}
    if operation == "estimate":
        return {"estimate": estimate(shim, request)}
    if operation == "export":
        return {"exported": export(shim, request)}
    if operation in getattr(shim, "OPERATIONS", {}):
        return {operation: perform(shim, operation, request)}
    raise RunnerError("request", "no such operation: %r" % operation)


def classify(error):
    """The kind of a failure. A shim says it by raising an exception with a `kind`."""
    if isinstance(error, MemoryError):
        return "too-large"
    kind = getattr(error, "kind", "sdk")
    return kind if kind in KINDS else "sdk"


def main():
    answer = take_stdout()
    line = read_line(0)
    hold_lifeline([1, 2, answer])
    try:
        if sys.version_info < OLDEST:
            raise RunnerError("python", "Python %d.%d is too old: 3.10 or newer" % sys.version_info[:2])
        document = answer_request(sys.argv[1], json.loads(line.decode("utf-8")))
    except BaseException as error:  # a library that raises SystemExit still owes an answer
        traceback.print_exc()
        message = " ".join(str(error).split()) or type(error).__name__
        document = {"error": {"kind": classify(error), "message": message[:2000]}}
    document["protocol"] = PROTOCOL
    with os.fdopen(answer, "wb") as stream:
        stream.write(json.dumps(document, allow_nan=False).encode("ascii") + b"\n")
    sys.stderr.flush()
    os._exit(0)  # a native library that crashes while it is unloaded must not spoil an answer already given


main()
