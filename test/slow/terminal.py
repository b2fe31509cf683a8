"""Types into a shell in a terminal of its own and prints what the terminal showed: terminal.py '["bash", "-i"]' '["keys", ...]'"""

import json
import os
import pty
import select
import sys
import time

PATIENCE = 30
QUIET = 1.0


def drain(terminal):
    """What is shown until nothing more comes for a while."""
    shown, end = b"", time.monotonic() + PATIENCE
    while time.monotonic() < end:
        ready, _, _ = select.select([terminal], [], [], QUIET)
        if not ready:
            break
        try:
            part = os.read(terminal, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    return shown


command, steps = json.loads(sys.argv[1]), json.loads(sys.argv[2])
child, terminal = pty.fork()
if child == 0:
    os.execvpe(command[0], command, {**os.environ, "TERM": "dumb", "PS1": "$ "})
shown = drain(terminal)
for keys in steps:
    os.write(terminal, keys.encode())
    # A completion starts the program, which takes longer than a pause between two characters.
    time.sleep(QUIET)
    shown += drain(terminal)
os.close(terminal)
sys.stdout.write(shown.decode(errors="replace"))
