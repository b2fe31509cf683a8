"""`qpoe.auto`: every job of this process is recorded, without a change to what runs it.

The SDKs' own `run` is wrapped. What a wrapper does is look, copy and write one file: what fails in it is said once, and the
person's call goes on as if it weren't there. Only an interruption passes through.
"""

import functools
import importlib.abc
import importlib.util
import logging
import sys
import threading
import weakref

from . import _braket, _cirq, _qiskit
from ._capture import Clock
from ._errors import QpoeError

log = logging.getLogger("qpoe")
MARK = "__qpoe_original__"


class State:
    active = False
    spool = None
    warned = set()
    # Of jobs whose result no one has asked for yet, by id: a weak reference, the adapter, what was sent. Nothing is put on
    # the job itself, which its person may copy or pickle.
    pending = {}


state = State()
inside = threading.local()


def auto(on=True, *, store=None):
    """Records every job of this process from here on. `auto(False)` ends it.

    Records appear in the store (QPOE_STORE, else .qpoe here) in the background; `qpoe.flush()` waits for them.
    """
    if not on:
        state.active = False
        return
    from ._spool import Spool

    if state.spool is None or not state.spool.is_of(store):
        if state.spool is not None:
            state.spool.close(0)
        state.spool = Spool(store)
    state.active = True
    hook_all()


def flush(timeout=60):
    """Waits until what ran is recorded. Returns how many jobs still wait."""
    take_finished()
    return 0 if state.spool is None else state.spool.flush(timeout)


def warn(what, error):
    """Once for each kind of failure: a loop of a thousand runs needs no thousand lines."""
    line = "qpoe: %s: %s" % (what, " ".join(str(error).split()) or type(error).__name__)
    if line not in state.warned and len(state.warned) < 20:
        state.warned.add(line)
        log.warning("%s (your run is not affected; this is said once)", line)


# Recording


def keep(adapter, x, sent):
    try:
        capture = adapter.describe(x, submission=sent)
        state.spool.put(capture)
    except QpoeError as error:
        warn("a job was not recorded", error)
    except Exception as error:
        log.debug("qpoe failed", exc_info=True)
        warn("a job was not recorded, by a fault of qpoe", error)


def safely(call, *arguments):
    """Nothing of ours may become a failure of the person's."""
    try:
        return call(*arguments)
    except Exception as error:
        log.debug("qpoe failed", exc_info=True)
        warn("a job can't be recorded, by a fault of qpoe", error)
        return None


# Wrapping


def is_nested():
    return getattr(inside, "depth", 0) > 0 or is_within_primitive()


def is_within_primitive():
    """A primitive runs its backend in a thread of its own, which only the callers' frames tell."""
    frame = sys._getframe(2)
    while frame is not None:
        code = frame.f_code
        if code.co_argcount > 0 and code.co_varnames[0] == "self" and code.co_name != "__init__":
            if code.co_filename not in ORDINARY and is_primitive(frame.f_locals.get("self")):
                return True
        frame = frame.f_back
    return False


ORDINARY = {threading.__file__, functools.__file__, __file__}
primitive_bases = []


def is_primitive(x):
    return any(isinstance(x, base) for base in primitive_bases)


def wrap_run(owner, name, adapter, observe, arrives):
    """Puts a look before and after `owner.name`. `arrives` is "later" where it returns a job."""
    original = owner.__dict__.get(name)
    if original is None or hasattr(original, MARK) or getattr(original, "__isabstractmethod__", False):
        return

    @functools.wraps(original)
    def run(self, *args, **kwargs):
        if not state.active or safely(is_nested) is not False:
            return original(self, *args, **kwargs)
        sent = safely(observe, self, args, kwargs, Clock())
        inside.depth = getattr(inside, "depth", 0) + 1
        try:
            returned = original(self, *args, **kwargs)
        finally:
            inside.depth -= 1
        if sent is not None:
            if arrives == "now":
                keep(adapter, returned, sent)
            else:
                safely(watch, adapter, returned, sent)
        return returned

    setattr(run, MARK, original)
    setattr(owner, name, run)


def watch(adapter, job, sent):
    """The result is recorded when the person asks for it: never fetched for us, never twice."""
    hook_result(type(job))
    state.pending[id(job)] = (weakref.ref(job, functools.partial(forget, id(job))), adapter, sent)


def forget(key, reference):
    # By now another job may have got the same id.
    if state.pending.get(key, (None,))[0] is reference:
        del state.pending[key]


def take(job):
    """What was sent, the first time."""
    return state.pending.pop(id(job), None)


def hook_result(kind):
    owner = next((base for base in kind.__mro__ if "result" in base.__dict__), None)
    if owner is None or hasattr(owner.__dict__["result"], MARK):
        return
    original = owner.__dict__["result"]

    @functools.wraps(original)
    def result(self, *args, **kwargs):
        value = original(self, *args, **kwargs)
        # A subclass's result() calls this one: only the outermost has the value that the person gets.
        if id(self) in state.pending and state.active and owner_of_result(type(self)) is owner:
            taken = take(self)
            if taken is not None:
                _, adapter, sent = taken
                keep(adapter, self, {**sent, "result": value})
        return value

    setattr(result, MARK, original)
    setattr(owner, "result", result)


def owner_of_result(kind):
    return next((base for base in kind.__mro__ if "result" in base.__dict__), None)


def take_finished():
    """At the end: local jobs that ran and whose result no one asked for."""
    for reference, _, _ in list(state.pending.values()):
        job = reference()
        if job is None or not safely(_qiskit.is_local, job) or not safely(_qiskit.is_finished, job):
            continue
        try:
            job.result()
        except Exception:  # a job that failed: its person was not asking
            take(job)


# Where


def hook_backends(module):
    hook_subclasses(module.BackendV2, "run", _qiskit, _qiskit.observe_backend, "later")


def hook_samplers(module):
    primitive_bases.append(module.BaseSamplerV2)
    hook_subclasses(module.BaseSamplerV2, "run", _qiskit, _qiskit.observe_primitive, "later")


def hook_estimators(module):
    primitive_bases.append(module.BaseEstimatorV2)
    hook_subclasses(module.BaseEstimatorV2, "run", _qiskit, _qiskit.observe_primitive, "later")


def hook_cirq(module):
    hook_subclasses(module.Sampler, "run_sweep", _cirq, _cirq.observe, "now")


def hook_braket(module):
    hook_subclasses(module.Device, "run", _braket, _braket.observe, "later")


HOOKS = {
    "qiskit.providers.backend": hook_backends,
    "qiskit.primitives.base.base_sampler": hook_samplers,
    "qiskit.primitives.base.base_estimator": hook_estimators,
    "cirq.work.sampler": hook_cirq,
    "braket.devices.device": hook_braket,
}
hooked = set()


def hook_subclasses(base, name, *how):
    """Those that are there, and those that are yet to be defined."""

    def hook(kind):
        safely(wrap_run, kind, name, *how)

    def hook_known(kind):
        for below in kind.__subclasses__():
            hook(below)
            hook_known(below)

    hook_known(base)
    before = base.__dict__.get("__init_subclass__")

    def defined(cls, **kwargs):
        if before is None:
            super(base, cls).__init_subclass__(**kwargs)
        else:
            before.__func__(cls, **kwargs)
        hook(cls)

    base.__init_subclass__ = classmethod(defined)


def hook_all():
    for name in HOOKS:
        if name in sys.modules:
            hook_module(name)
    if not any(isinstance(finder, LateHooks) for finder in sys.meta_path):
        sys.meta_path.insert(0, LateHooks())


def hook_module(name):
    if name in hooked:
        return
    hooked.add(name)
    safely(HOOKS[name], sys.modules[name])


class LateHooks(importlib.abc.MetaPathFinder):
    """Sees an SDK that is imported later, right after its own code has run."""

    def find_spec(self, name, path=None, target=None):
        if name not in HOOKS or name in hooked:
            return None
        spec = None
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                break
        if spec is not None and spec.loader is not None and hasattr(spec.loader, "exec_module"):
            execute = spec.loader.exec_module

            def exec_module(module):
                execute(module)
                safely(hook_module, name)

            spec.loader.exec_module = exec_module
        return spec
