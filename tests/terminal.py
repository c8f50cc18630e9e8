# SPDX-License-Identifier: Apache-2.0
"""Takes a path and a program, gives a serial port at the path, with the program at its other end.

`python -m tests.terminal PATH PROGRAM [ARGUMENT...]`, until the program ends.
"""

from __future__ import annotations

import os
import pty
import select
import sys
import termios
import tty
from pathlib import Path


def serve(link: Path, command: list[str]) -> None:
    """Programs that look whether a terminal is there, as MicroPython's unix port, get one of their own."""
    child, own = pty.fork()
    if child == 0:
        tty.setraw(0)
        modes = termios.tcgetattr(0)
        modes[3] |= termios.ISIG | termios.NOFLSH  # Ctrl-C interrupts what runs, as on a board
        termios.tcsetattr(0, termios.TCSANOW, modes)
        os.execvp(command[0], command)
    port, end = pty.openpty()
    tty.setraw(end)
    link.unlink(missing_ok=True)
    link.symlink_to(os.ttyname(end))
    while True:
        ready, _, _ = select.select([own, port], [], [])
        try:
            for source, target in ((own, port), (port, own)):
                if source in ready:
                    os.write(target, os.read(source, 256))
        except OSError:
            return


if __name__ == "__main__":
    serve(Path(sys.argv[1]), sys.argv[2:])
