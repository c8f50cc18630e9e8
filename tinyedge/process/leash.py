# SPDX-License-Identifier: Apache-2.0
"""Takes a command, runs it until it ends or our stdin closes: so it cannot outlive the one who started us.

Runs as a program of its own (`python -I -S leash.py COMMAND ...`), for a command that would go on by itself
when its starter is killed, as an emulator does.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading


def _follow(child: subprocess.Popen[bytes]) -> None:
    while os.read(0, 4096):
        pass
    child.kill()


if __name__ == "__main__":
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
    threading.Thread(target=_follow, args=(child,), daemon=True).start()
    code = child.wait()
    # os._exit: the thread may be in a read that nothing will end.
    os._exit(code if code >= 0 else 128 - code)
