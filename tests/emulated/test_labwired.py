# SPDX-License-Identifier: Apache-2.0
"""Takes the transport to labwired, shows that its process ends with ours and that what is wrong is said."""

from __future__ import annotations

import importlib.util
import os
import time
from pathlib import Path

import pytest

from tests import runtime_toy as toy
from tests.conftest import lacking
from tinyedge import board as boards
from tinyedge.errors import DeviceError, ToolMissing, UsageError
from tinyedge.transport import labwired


def test_the_process_ends_when_its_line_closes(tmp_path: Path) -> None:
    if importlib.util.find_spec("labwired") is None:
        lacking("labwired is missing: pip install labwired")
    emulator = boards.load("esp32c3").emulator
    assert emulator is not None
    line = labwired.open_emulator(emulator.command, toy.build("esp32c3", tmp_path).elf)
    pid = line._child.pid
    line.read(1.0)
    os.kill(pid, 0)
    line._child.stdin.close()  # as the end of our process does
    deadline = time.monotonic() + 10
    while line._child.running() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not line._child.running()
    line.close()


def test_an_unknown_chip_is_named(tmp_path: Path) -> None:
    if importlib.util.find_spec("labwired") is None:
        lacking("labwired is missing: pip install labwired")
    line = labwired.open_emulator(["labwired", "esp64"], tmp_path / "no.elf")
    try:
        with pytest.raises(DeviceError, match="labwired cannot run esp64"):
            line.read(20.0)
    finally:
        line.close()


def test_without_the_package_its_installation_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ToolMissing) as error:
        labwired.open_emulator(["labwired", "esp32c3"], Path("no.elf"))
    assert error.value.hint == "run: pip install 'labwired>=0.25,<0.26'"


def test_a_command_without_a_chip_says_what_to_write() -> None:
    with pytest.raises(UsageError, match="of no chip") as error:
        labwired.open_emulator(["labwired"], Path("no.elf"))
    assert '["labwired", "CHIP"]' in error.value.hint
