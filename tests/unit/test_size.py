# SPDX-License-Identifier: Apache-2.0
"""`tinyedge size` shows where flash and RAM go, and every byte of the totals is in its table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests import builds, toy_sources
from tinyedge import board, cli, toolchain
from tinyedge.build import ModelFile


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A toy build for the M55 of two layers, of which the second has no code of its own."""
    target = board.load("mps3-an547")
    toolchain.compile(toy_sources.make(target), target, tmp_path)
    layers = builds.layer("add", "add"), builds.layer("view", "reshape")
    builds.make(model=ModelFile("toy", "ab" * 32, "model.tflite"), layers=layers).write(tmp_path)
    return tmp_path


def _size(folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        cli.main(["size", str(folder), *options])
    said = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, said.out, said.err


def test_the_json_adds_up(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _size(built, capsys, "--json")
    found: dict[str, Any] = json.loads(out)
    assert code == 0
    for kind in ("flash", "ram"):
        assert found[kind] == sum(part[kind] for part in found["parts"].values())
        assert found[kind] == sum(symbol[kind] for symbol in found["symbols"])
    assert found["stack"]["reserved"] == 4096
    assert found["stack"]["bound"] == sum(step["bytes"] for step in found["stack_path"])
    # The weights (3 bytes) are the first layer's; the second is a view.
    assert found["layers"][0]["flash"] >= 3
    assert found["layers"][1] == {"name": "view", "op": "reshape", "flash": 0}


def test_people_get_tables(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = _size(built, capsys, "--symbols", "1")
    assert (code, err) == (0, "")
    assert "the 1 largest of" in out
    assert "(stack)" in out
    assert "te_toy_w0_weights" not in out


def test_a_damaged_description_is_refused(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (built / "build.json").write_text("[]")
    code, out, err = _size(built, capsys)
    assert (code, out) == (2, "")
    assert "build.json has the form of version None" in err


def test_an_elf_that_was_changed_is_refused(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (built / "firmware.elf").open("ab") as file:
        file.write(b"x")
    code, _, err = _size(built, capsys)
    assert code == 2
    assert "no intact build" in err
