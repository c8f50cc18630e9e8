# SPDX-License-Identifier: Apache-2.0
"""`tinyedge init` makes a project that passes its own test with nothing but the base package."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests import surface
from tinyedge import board as boards
from tinyedge import build, model, paths, project, recording
from tinyedge.board import show
from tinyedge.commands.init import command, fill
from tinyedge.commands.test import command as judge
from tinyedge.errors import UsageError
from tinyedge.model import tflite


def run(*arguments: str) -> Any:
    return CliRunner().invoke(command, arguments, catch_exceptions=False, standalone_mode=False)


def test_a_new_folder_holds_a_whole_project(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "new"
    result = run(str(folder), "--json")
    assert json.loads(result.stdout)["folder"] == str(folder)
    assert "tinyedge test" in result.stderr
    read = project.load(folder)
    assert read.model is not None and read.replay is not None and read.board == "host"
    loaded = model.load(read.model)
    graph = tflite.lower(loaded.data, loaded.name)
    tensor = graph.tensors[graph.inputs[0]]
    assert tensor.quantization is not None
    spec = build.Spec(
        tensor.name,
        tensor.shape,
        tensor.dtype,
        tensor.quantization.scale[0],
        tensor.quantization.zero_point[0],
    )
    frames = recording.load(read.replay.file, [spec], 32, read.input.hop)
    assert len(frames) == 159 and frames.labels is not None and 0 < frames.labels.mean() < 0.5
    assert (folder / ".gitignore").is_file()
    assert sum(file.stat().st_size for file in folder.iterdir()) < 120_000


def test_a_project_for_a_board_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run("of-ours", "--board", "pico")
    assert project.load(Path("of-ours")).board == "pico"
    for at, folder in enumerate((".", "a '\N{GRINNING FACE}\N{DELETE}")):
        file = Path(folder) / "mine.toml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(show.show("esp32c3"), encoding="utf-8")
        run(f"deep/own{at}", "--board", str(file))
        board = project.load(Path(f"deep/own{at}")).board
        assert board is not None and boards.load(board).chip == "esp32c3"
    with pytest.raises(UsageError, match="is a name that is not UTF-8"):
        paths.told(Path("\udcff.toml"))
    with pytest.raises(UsageError, match="there is no board 'picoo'"):
        fill(tmp_path / "none", "picoo")
    assert not (tmp_path / "none").exists()


def test_the_project_passes_its_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(str(tmp_path / "p"))
    monkeypatch.chdir(tmp_path / "p")
    result = CliRunner().invoke(judge, ["--json"], catch_exceptions=False, standalone_mode=False)
    report = json.loads(result.stdout)
    assert report["verdict"] == "pass"
    assert report["frames"] == report["bit_exact"]["frames"] == 160
    assert report["accuracy"]["device"] > 0.9
    events = report["detection"]["events"]
    assert (events["events"], events["found"], events["false_alarms"]) == (3, 3, 0)


def test_the_example_of_the_python_surface_runs(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    fill(folder)
    script = Path(__file__).resolve().parents[2] / "examples" / "size_and_speed.py"
    ended = subprocess.run(
        [sys.executable, script, "vibration.tflite", "recording.csv", "32", "host"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ended.returncode == 0, ended
    for line in ("speed: 32 of 32 frames bit-exact", "size: 32 of 32 frames bit-exact", "host runs build"):
        assert line in ended.stdout


def test_the_example_of_the_documents_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(tmp_path / "p")
    monkeypatch.chdir(tmp_path / "p")
    exec(surface.example(), {})
    costs, verdict, device = capsys.readouterr().out.splitlines()
    assert costs == "4 1920 (1, 32)"
    assert verdict.startswith("pass 80 ") and device.startswith("True ")


def test_a_model_and_a_recording_of_ones_own_become_a_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the folder where they are; columns by name, another board's build, and no project replaced."""
    (tmp_path / "net.tflite").write_bytes((paths.templates() / "init" / "vibration.tflite").read_bytes())
    rows = (paths.templates() / "init" / "recording.csv").read_text().splitlines()[:400]
    spare = [f"{line},{'état' if at == 0 else 'ok' if at < 200 else 'bad'}" for at, line in enumerate(rows)]
    (tmp_path / "log.csv").write_text("\n".join(spare), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    given = ("--model", "net.tflite", "--recording", "log.csv")
    with pytest.raises(UsageError, match="has no column 'gyro'"):
        run(".", *given, "--channels", "gyro")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["log.csv", "net.tflite"]
    result = run(".", *given, "--channels", "acceleration_g", "--board", "mps3-an547")
    assert "32 rows of 1 make the 32 numbers of an input" in result.stdout
    read = project.load(Path())
    assert (read.board, read.input.channels, read.input.rate_hz) == ("mps3-an547", ("acceleration_g",), 200)
    assert read.replay is not None and (read.replay.window, read.replay.metric) == (32, "auc")
    ended = CliRunner().invoke(judge, ["-b", "host", "--json"], catch_exceptions=False, standalone_mode=False)
    report = json.loads(ended.stdout)
    assert (report["verdict"], report["frames"]) == ("pass", 12)
    with pytest.raises(UsageError, match=r"\. is a project already"):
        run(".", *given)
    with pytest.raises(UsageError, match="no recording to test it by"):
        run("new", "--model", "net.tflite")
    with pytest.raises(UsageError, match="none is named"):
        run("new", "--window", "3")


def test_an_empty_folder_will_do_and_a_full_one_is_left_alone(tmp_path: Path) -> None:
    fill(tmp_path)
    with pytest.raises(UsageError, match=r"is not empty: it holds \.gitignore and \d more"):
        fill(tmp_path)
    with pytest.raises(UsageError, match="is a file"):
        fill(tmp_path / "README.md")
    with pytest.raises(UsageError):
        fill(tmp_path / "README.md" / "below")


def test_nothing_is_left_when_it_cannot_finish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, count = paths.write_atomic, 0

    def fails_at_the_third(path: Path, data: bytes | str) -> None:
        nonlocal count
        count += 1
        if count == 3:
            raise KeyboardInterrupt
        real(path, data)

    monkeypatch.setattr(paths, "write_atomic", fails_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        fill(tmp_path / "new")
    assert not (tmp_path / "new").exists()
