# SPDX-License-Identifier: Apache-2.0
"""Takes files and a script, gives what it prints in MicroPython: npm's, or the program that is named."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.conftest import absent, lacking
from tinyedge.micropython import mpy

SCRIPTS = Path(__file__).resolve().parent / "micropython"
SECONDS = 120
HEAP = "8M"  # where a computer plays the board

_ENGINE = "node_modules/@micropython/micropython-webassembly-pyscript/micropython.mjs"


Runner = Callable[[str, Mapping[str, bytes], Path], str]


def named(run: str) -> Runner:
    """What runs a script in MicroPython ("node", "unix"); without it the test is skipped, here at once."""
    if run == "node":
        engine()
        return in_node
    unix_port()
    return in_unix


def in_node(script: str, files: Mapping[str, bytes], folder: Path) -> str:
    """What a script of tests/micropython prints in npm's MicroPython; `files` lie beside it there."""
    program = engine()
    _write(files, folder)
    there = [folder / name for name in files]
    return _run(["node", SCRIPTS / "run.mjs", program, SCRIPTS / script, *there], folder)


def repl_command() -> list[str]:
    """A program whose stdin and stdout are the REPL of npm's MicroPython."""
    return ["node", str(SCRIPTS / "repl.mjs"), str(engine())]


def engine() -> Path:
    """npm's MicroPython; the test is skipped without it."""
    found = SCRIPTS.parents[1] / ".venv" / "micropython" / _ENGINE
    if shutil.which("node") is None or not found.is_file():
        lacking("MicroPython for Node is missing: make setup")
    return found


def in_unix(script: str, files: Mapping[str, bytes], folder: Path) -> str:
    """The same in MicroPython's unix port, which no registry has: TINYEDGE_MICROPYTHON_UNIX is its path."""
    program = unix_port()
    subversion = int(asked(program, "sys.implementation._mpy >> 8 & 3"))
    # An older one reads native code of an older .mpy, which `tinyedge flash` makes likewise.
    native = {name: mpy.readable_by(files[name], subversion) for name in files if name.endswith(".mpy")}
    _write({**files, **native}, folder)
    return _run([program, "-X", f"heapsize={HEAP}", SCRIPTS / script], folder)


def unix_port() -> str:
    """The path of MicroPython's unix port; the test is skipped without it."""
    program = os.environ.get("TINYEDGE_MICROPYTHON_UNIX")
    if program is None:
        absent("TINYEDGE_MICROPYTHON_UNIX does not say where MicroPython's unix port is")
    return program


def asked(program: str, what: str) -> str:
    """What an expression is in the unix port, which knows `sys`."""
    command = [program, "-c", f"import sys; print({what})"]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout.strip()


def _write(files: Mapping[str, bytes], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)


def _run(command: list[str | Path], folder: Path) -> str:
    environment = os.environ | {"MICROPYPATH": "."}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-500:]}\n{done.stderr[-2000:]}"
    return done.stdout
