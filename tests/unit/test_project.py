# SPDX-License-Identifier: Apache-2.0
"""A project file is read, or refused with the key and the line that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinyedge import project
from tinyedge.errors import UsageError

GOOD = """
model = "model.keras"
board = "mps3-an547"
optimize = "size"

[calibration]
file = "data/calibration.npz"

[replay]
file = "/abs/replay.npz"
metric = "auc"
window = 25
period_us = 100_000

[budget]
flash = 65_536
latency_p99 = 20000
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "tinyedge.toml"
    path.write_text(text)
    return path


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    read = project.load(write(tmp_path, GOOD))
    assert read.model == tmp_path / "model.keras"
    assert read.calibration is not None and read.calibration.file == tmp_path / "data" / "calibration.npz"
    assert read.replay is not None and read.replay.file == Path("/abs/replay.npz")
    assert (read.optimize, read.rounding, read.root) == ("size", "litert", tmp_path)
    assert (read.budget.flash, read.budget.latency_p99, read.budget.ram) == (65536, 20000, None)


def test_a_folder_stands_for_its_file(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    assert project.load(tmp_path) == project.load(path)
    assert project.find(tmp_path) == path
    assert project.find(tmp_path / "none") is None


def test_a_board_may_be_a_file_or_a_name(tmp_path: Path) -> None:
    assert project.load(write(tmp_path, 'board = "mine.toml"')).board == str(tmp_path / "mine.toml")
    assert project.load(write(tmp_path, 'board = "host"')).board == "host"


def test_a_project_cannot_be_changed(tmp_path: Path) -> None:
    read = project.load(write(tmp_path, GOOD))
    with pytest.raises(Exception, match="frozen"):
        read.board = "host"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('modle = "m.keras"', "tinyedge.toml:1: unknown key 'modle'"),
        (GOOD + "latency = 3\n", "tinyedge.toml:18: unknown key 'budget.latency'"),
        ('\n[replay]\nmetric = "f1"\nfile = "x"', "tinyedge.toml:3: replay.metric = 'f1'"),
        ('[calibration]\nscheme = "int8"', "tinyedge.toml:1: [calibration] has no 'file'"),
        ("board = 3", "tinyedge.toml:1: board = 3"),
        ("replay = 3", "tinyedge.toml:1: replay = 3"),
        ('file = "x"', "unknown key 'file'"),
        ("[budget]\naccuracy_drop = 2", "budget.accuracy_drop = 2"),
        ("[budget]\nflash = -1", "budget.flash = -1"),
        ("[budget.esp32c3]\nflsh = 1", "tinyedge.toml:2: unknown key 'budget.esp32c3.flsh'"),
        ("[budget.esp32c3]\nflash = -1", "tinyedge.toml:2: budget.esp32c3.flash = -1"),
        ("[budget.esp32c33]\nflash = 1", "tinyedge.toml:1: [budget.esp32c33]: there is no board"),
        ('[budget]\nnot_judged = "skip"', "tinyedge.toml:2: budget.not_judged = 'skip'"),
        ('[replay]\nfile = "x"\nwindow = 0', "tinyedge.toml:3: replay.window = 0"),
        ('name = "int x"', "name = 'int x'"),
        ("board = ", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        project.load(write(tmp_path, text))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.hint


def test_what_a_mistyped_key_may_mean_is_said(tmp_path: Path) -> None:
    for text, meant in (('bord = "host"', "board"), ("[budget.esp32c3]\nflsh = 1", "flash")):
        with pytest.raises(UsageError) as caught:
            project.load(write(tmp_path, text))
        assert caught.value.hint.startswith(f"did you mean {meant}? known here: ")


def test_a_boards_own_limits_come_before_those_of_all(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").touch()
    text = "[budget]\nflash = 10\nram = 20\n[budget.esp32c3]\nflash = 30\nlatency_p99_us = 4\n"
    budget = project.load(write(tmp_path, text + "[budget.mine]\nram = 5\n")).budget
    assert budget.boards == ("esp32c3", "mine")
    limits = {board: budget.of(board) for board in ("host", "esp32c3", "mine")}
    assert [(v.flash, v.ram, v.latency_p99_us) for v in limits.values()] == [
        (10, 20, None),
        (30, 20, 4.0),
        (10, 5, None),
    ]
    assert budget.of("an alias", "esp32c3") == limits["esp32c3"]


def test_an_unreadable_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        project.load(tmp_path / "none.toml")
    (tmp_path / "tinyedge.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="not UTF-8"):
        project.load(tmp_path)
