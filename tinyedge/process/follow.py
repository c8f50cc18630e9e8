# SPDX-License-Identifier: Apache-2.0
"""Takes a command, runs it to its end, gives its lines as they come: for tools that tell how far they are."""

from __future__ import annotations

import os
import queue
import re
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tinyedge import paths
from tinyedge.errors import DeviceError
from tinyedge.process.child import Child

_KEPT = 200  # lines
_BREAK = re.compile(rb"[\r\n]")  # a progress bar returns to the start of its line
# Lines as soon as they are said, and whole: tools that print with rich wrap at the width of the terminal.
_ENVIRONMENT = {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8", "COLUMNS": "1000", "NO_COLOR": "1"}


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code and the last of its lines, stdout and stderr in one order."""

    code: int
    lines: tuple[str, ...]


def follow(
    command: Sequence[str],
    name: str,
    silence: float,
    tell: Callable[[str], object] = lambda line: None,
) -> Ended:
    """Run `command`; each line that it says goes to `tell`.

    It is killed when it has said nothing for `silence` seconds (DeviceError), and when we are interrupted.
    ToolMissing when there is no such program. It runs in an empty folder: tools such as esptool and pyocd
    take settings, and even code, from the folder that they are started in, which may be somebody else's.
    """
    with paths.temporary() as empty:
        return _follow(command, name, silence, tell, empty)


def _follow(
    command: Sequence[str], name: str, silence: float, tell: Callable[[str], object], folder: Path
) -> Ended:
    environment = {**os.environ, **_ENVIRONMENT}
    child = Child(command, name, merged=True, environment=environment, folder=folder)
    said: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_read, args=(child, said), name=f"{name} lines", daemon=True).start()
    lines: deque[str] = deque(maxlen=_KEPT)
    half = b""
    try:
        while True:
            try:
                data = said.get(timeout=silence)
            except queue.Empty:
                raise DeviceError(
                    f"{name} has said nothing for {silence:g} s and was ended",
                    "reset the board and try again; is the cable good for data?",
                ) from None
            *whole, half = _BREAK.split(half + data) if data else (half, b"")
            for line in (part.decode(errors="replace").strip() for part in whole):
                if line:
                    lines.append(line)
                    tell(line)
            if not data:
                return Ended(child.wait(), tuple(lines))
    finally:
        child.close()


def _read(child: Child, said: queue.Queue[bytes]) -> None:
    data = b"-"
    while data:
        try:
            data = os.read(child.stdout.fileno(), 65536)
        except (OSError, ValueError):
            data = b""
        said.put(data)
