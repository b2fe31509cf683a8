"""AIIR's own verify_receipt over receipts that are parsed already, or over their files' bytes.

stdin: {"texts": [...], "passes": n}; prints the seconds that the passes took, of each.
"""

import json
import sys
import time

from aiir._verify import verify_receipt

asked = json.load(sys.stdin)
texts, passes = asked["texts"], asked["passes"]


def check(receipt):
    if not verify_receipt(receipt)["valid"]:
        raise SystemExit("not valid")


for text in texts:
    check(json.loads(text))
start = time.perf_counter()
for _ in range(passes):
    for text in texts:
        check(json.loads(text))
print(json.dumps({"seconds": time.perf_counter() - start}))
