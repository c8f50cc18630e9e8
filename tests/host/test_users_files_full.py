# SPDX-License-Identifier: Apache-2.0
"""Every command that writes, on a disk that is full at any write: a sentence, and what was there is whole."""

from __future__ import annotations

import contextlib
import errno
import io
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import hostile, single_op, zoo
from tests.single_op import Node
from tinyedge import cli
from tinyedge.graph import Tensor

_STAGES = """
[input]
channels = ["x", "y"]
rate_hz = 50
lsb = 0.01
hop = 5
[[preprocess]]
block = "statistics"
"""
_REPORTS = ("j.xml", "r.html", "r.md", "p.png")
COMMANDS: dict[str, tuple[str, ...]] = {
    "init": ("init", "new"),
    "export": ("export", "net.tflite", "--format", "single", "-o", "lib"),
    "export_arduino": ("export", "net.tflite", "--format", "arduino", "-o", "lib"),
    "test": (
        *("test", "net.tflite", "--board", "host", "--compiler", "gcc", "--replay", "x.npz", "-o", "out"),
        *("--junit", "j.xml", "--html", "r.html", "--markdown", "r.md", "--png", "p.png"),
    ),
    "features": ("features", "r.csv", "-o", "f.npz"),
    "quantize": ("quantize", "float.tflite", "--calibrate", "c.npz", "-o", "q.tflite"),
    "build": ("build", "net.tflite", "--board", "host", "--compiler", "gcc", "-o", "out", "--sbom"),
    "compare": ("compare", "out/build.json", "out/build.json", "--markdown", "r.md"),
}
NAMED = {"test": _REPORTS, "features": ("f.npz",), "quantize": ("q.tflite",), "compare": ("r.md",)}
"""Files that the command line names: they are replaced, whole or not at all."""


class _Disk:
    """Counts what Python opens for writing, renames and makes; at the nth it is full."""

    def __init__(self) -> None:
        self.at, self.count, self.armed = 0, 0, False
        sys.addaudithook(self._see)  # for good: there is no way to take it off

    def _see(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.armed:
            return
        if event == "open":
            mode = arguments[1]
            writes = isinstance(mode, str) and set(mode) & set("wax+")
            if not writes or str(arguments[0]).startswith("/dev/"):
                return
        elif event not in ("os.rename", "os.mkdir"):
            return
        self.count += 1
        if self.count == self.at:
            raise OSError(errno.ENOSPC, "No space left on device", str(arguments[0]))

    def run(self, at: int, arguments: tuple[str, ...]) -> tuple[int, str]:
        """The exit code, and what came on stderr."""
        said, warned = io.StringIO(), io.StringIO()
        self.at, self.count, self.armed = at, 0, True
        try:
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(warned):
                code = cli._run(list(arguments))
        finally:
            self.armed = False
        return code, warned.getvalue()


@pytest.fixture(scope="module")
def disk() -> _Disk:
    return _Disk()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    shutil.copy(zoo.OURS / "tiny_ae.tflite", tmp_path / "net.tflite")
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "x.npz", x=rng.integers(-128, 128, (4, 36), np.int8))
    np.savez(tmp_path / "c.npz", x=rng.normal(size=(20, 8)).astype(np.float32))
    weights = rng.normal(size=(4, 8)).astype(np.float32)
    tensors = [Tensor("x", (1, 8), "float32"), Tensor("w", (4, 8), "float32", None, weights)]
    options = {"fusedActivationFunction": 0, "weightsFormat": 0, "keepNumDims": False}
    dense = Node("FULLY_CONNECTED", ("x", "w"), ("y",), options)
    real = single_op.pack([*tensors, Tensor("y", (1, 4), "float32")], [dense], ["x"], ["y"])
    (tmp_path / "float.tflite").write_bytes(real)
    rows = "".join(f"{i * 20},{i % 7},{-i}\n" for i in range(60))
    (tmp_path / "r.csv").write_text("time,x,y\n" + rows)
    (tmp_path / "mine").write_text("mine")
    yield tmp_path


def _held(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


QUICK = [name for name in COMMANDS if name != "quantize"]


@pytest.mark.parametrize("name", list(COMMANDS) if hostile.LONG else hostile.some(QUICK, 2))
def test_a_full_disk_is_told_and_nothing_is_lost(
    disk: _Disk, folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    command, named = COMMANDS[name], NAMED.get(name, ())
    if name == "quantize":  # what one run quantised, the next would take from the cache, and write nothing
        monkeypatch.setenv("TINYEDGE_CACHE", str(folder / "cache"))
    if name == "features":
        (folder / "tinyedge.toml").write_text(_STAGES)
    if name == "compare":
        assert disk.run(0, COMMANDS["build"])[0] == 0
    for file in named:
        (folder / file).write_text("an older one")
    before = _held(folder)
    code, warned = disk.run(0, command)
    writes, right = disk.count, _held(folder)
    assert code == 0 and writes >= len(named), warned
    for at in hostile.some(range(1, writes + 1), 2):
        for made in ("new", "lib", "cache", *([] if name == "compare" else ["out"])):
            shutil.rmtree(folder / made, ignore_errors=True)
        for file, data in before.items():
            (folder / file).write_bytes(data)
        code, warned = disk.run(at, command)
        told = code == 2 and "No space left on device" in warned and warned.count("error:") == 1
        assert told or code == 0, (at, code, warned)
        now = _held(folder)
        assert {file: now[file] for file in before if file not in named} == {
            file: data for file, data in before.items() if file not in named
        }
        for file in named:
            assert now[file] == before[file] or len(now[file]) > 0.9 * len(right[file]), (at, file)
        assert now.keys() <= before.keys() | right.keys(), at  # nothing half made is left lying about
        if told:
            code, warned = disk.run(0, command)
            assert code == 0, (at, warned)
