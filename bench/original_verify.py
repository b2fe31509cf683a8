"""The original's own verify_record.py over the records named, again and again in one process.

    original_verify.py SCRIPT TIMES RECORD…

Its imports (the SDK's among them) are done before the clock starts: a first pass does them. Prints the seconds that TIMES passes took.
"""

import contextlib
import importlib.util
import io
import json
import sys
import time

script, times, *records = sys.argv[1:]
spec = importlib.util.spec_from_file_location("verify_record", script)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)


def verify_all():
    for record in records:
        sys.argv = [script, record]
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            module.main()
        if said.getvalue() != "OK\n":
            raise SystemExit("%s: %s" % (record, said.getvalue()))


verify_all()
start = time.perf_counter()
for _ in range(int(times)):
    verify_all()
print(json.dumps({"seconds": time.perf_counter() - start}))
