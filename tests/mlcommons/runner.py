# SPDX-License-Identifier: Apache-2.0
"""Takes MLCommons' benchmark/runner and a serial port, runs it with the port as its device under test.

`python -m tests.mlcommons.runner FOLDER PORT [ARGUMENT...]`. Its files are as they are: told is only where it
looks for USB devices, of which a pseudo-terminal is none.
"""

from __future__ import annotations

import runpy
import sys
import types
from pathlib import Path
from typing import Any

from serial.tools import list_ports

LISTED = "devices_kws_ic_vww.yaml"
BOARD = (0x0483, 0x374B)  # its reference board, the Nucleo-L4R5ZI, in LISTED


def main(folder: Path, port: str, arguments: list[str]) -> None:
    """Run main.py of `folder` in the current one, where it writes `sessions/`."""
    found = types.SimpleNamespace(device=port, vid=BOARD[0], pid=BOARD[1], description="")
    usb, core = types.ModuleType("usb"), types.ModuleType("usb.core")
    patched: tuple[tuple[Any, str, Any], ...] = (
        (list_ports, "comports", lambda *_: [found]),
        (core, "find", lambda **_: []),
        (usb, "core", core),
    )
    for module, name, value in patched:
        setattr(module, name, value)
    sys.modules |= {"usb": usb, "usb.core": core}
    sys.path.insert(0, str(folder))
    sys.argv = ["main.py", "-d", str(folder / LISTED), *arguments]
    runpy.run_path(str(folder / "main.py"), run_name="__main__")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
