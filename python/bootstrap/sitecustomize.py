"""What `qpoe exec` puts first on PYTHONPATH: it turns recording on, then makes way for the machine's own sitecustomize.

Whatever fails here is said and forgotten: the program that was started runs as it would have.
"""

import os
import sys


def load_package(packages):
    """The very package of the command that runs this, whatever else is installed under its name."""
    import importlib.util

    folder = os.path.join(packages, "qpoe")
    spec = importlib.util.spec_from_file_location(
        "qpoe", os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules["qpoe"] = module
    spec.loader.exec_module(module)
    return module


def start():
    packages = os.environ.get("QPOE_EXEC_PACKAGES")
    if not packages or not os.environ.get("QPOE_EXEC_SPOOL"):
        return
    try:
        load_package(packages).auto()
    except Exception as error:
        sys.modules.pop("qpoe", None)
        sys.stderr.write("qpoe: nothing will be recorded: %s\n" % error)


def make_way():
    """The sitecustomize that this one stands in front of."""
    own = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != own]
    this = sys.modules.pop("sitecustomize", None)
    try:
        import sitecustomize  # noqa: F401
    except ImportError as error:
        if error.name != "sitecustomize":
            raise
        sys.modules["sitecustomize"] = this


start()
make_way()
