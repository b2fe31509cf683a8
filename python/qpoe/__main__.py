"""`qpoe` on the command line: the command that the package carries, in this process's place."""

import os
import subprocess
import sys

from ._command import command
from ._errors import QpoeError


def main():
    try:
        words = command() + sys.argv[1:]
    except QpoeError as error:
        sys.stderr.write("qpoe: %s\n" % error)
        return 4
    if os.name == "nt":
        return subprocess.run(words).returncode
    sys.stdout.flush()
    os.execv(words[0], words)


if __name__ == "__main__":
    sys.exit(main())
