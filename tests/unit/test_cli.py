# SPDX-License-Identifier: Apache-2.0
"""The command line: light to start, errors in one sentence with the documented exit code."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

import tinyedge
from tests import loaded, tiny_models
from tinyedge import cli
from tinyedge import console as consoles
from tinyedge.commands import test as test_command
from tinyedge.console import Console, with_console
from tinyedge.errors import (
    CheckFailed,
    DeviceError,
    InvalidMeasurement,
    TinyedgeError,
    ToolMissing,
    Unsupported,
    UsageError,
)
from tinyedge.process import commit

_HEAVY = (
    "numpy",
    "rich",
    "pydantic",
    "jinja2",
    "tensorflow",
    "ai_edge_litert",
    "serial",
    "elftools",
    "platformdirs",
)


def _run(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert isinstance(ended.value.code, int)
    return ended.value.code


def _with_command(monkeypatch: pytest.MonkeyPatch, command: click.Command) -> None:
    monkeypatch.setattr(cli.Commands, "get_command", lambda self, ctx, name: command)


def test_help_imports_nothing_heavy() -> None:
    imported, said = loaded.by("--help")
    assert not imported & {*_HEAVY}
    for name in ("boards", "doctor", "size"):
        assert f"\n  {name} " in said


def test_a_check_imports_neither_line_nor_judge_nor_what_quantises(tmp_path: Path) -> None:
    (tmp_path / "dense.tflite").write_bytes(tiny_models.dense())
    imported, said = loaded.by("check", str(tmp_path / "dense.tflite"), "--board", "mps3-an547")
    assert "fully_connected" in said
    assert not imported & {*loaded.NOT_OF_COMPILING, "jinja2"}


def test_every_command_has_help_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    names = cli.group.list_commands(click.Context(cli.group))
    assert len(names) >= 3
    for name in names:
        assert _run([name, "--help"]) == 0
        assert "--json" in capsys.readouterr().out, name


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run([]) == 2
    assert capsys.readouterr().err.startswith("Usage: tinyedge")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["--version"]) == 0
    said = re.fullmatch(r"tinyedge (\S+) \(commit (\S+)\)\n", capsys.readouterr().out)
    assert said is not None and said[1] == tinyedge.__version__
    root = Path(tinyedge.__file__).resolve().parents[1]
    head = subprocess.run(["git", "-C", root, "rev-parse", "HEAD"], capture_output=True, text=True)
    if head.returncode == 0:
        assert head.stdout.startswith(said[2].removesuffix("+changes"))
    else:
        assert said[2] == commit.UNKNOWN


def test_a_folder_in_a_foreign_repository_has_no_commit_of_ours(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    inside = tmp_path / "vendor" / "tinyedge"
    inside.mkdir(parents=True)
    assert commit.of(inside) == commit.UNKNOWN
    assert commit.of(tmp_path) == commit.UNKNOWN  # no commit yet
    (inside / "COMMIT").write_text("0123456789ab\n")
    assert commit.of(inside) == "0123456789ab"


@pytest.mark.parametrize("arguments", [["frobnicate"], ["boards", "--frobnicate"], ["size", "a", "b"]])
def test_wrong_usage_is_one_sentence_and_exit_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    first, second = said.err.splitlines()
    assert first.startswith("error: ")
    assert second.startswith("hint: see `tinyedge")


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (CheckFailed, 1),
        (UsageError, 2),
        (Unsupported, 2),
        (InvalidMeasurement, 3),
        (DeviceError, 4),
        (ToolMissing, 5),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_our_errors_become_a_sentence_a_hint_and_the_exit_code(
    kind: type[TinyedgeError],
    code: int,
    as_json: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    @click.command()
    @with_console
    def command(console: Console) -> None:
        console.say("about to fail")
        raise kind("3 is not 4", "use 4")

    _with_command(monkeypatch, command)
    assert _run(["x", "--json"] if as_json else ["x"]) == code
    said = capsys.readouterr()
    assert said.err.endswith("error: 3 is not 4\nhint: use 4\n")
    if as_json:
        wanted = {"kind": kind.__name__, "message": "3 is not 4", "hint": "use 4", "exit_code": code}
        assert json.loads(said.out) == {"error": wanted}
    else:
        assert said.out == "about to fail\n"


def test_a_defect_stays_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def command() -> None:
        raise ZeroDivisionError

    _with_command(monkeypatch, command)
    with pytest.raises(ZeroDivisionError):
        cli.main(["x"])


def test_an_interrupt_is_one_line_and_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @click.command()
    def command() -> None:
        raise KeyboardInterrupt

    _with_command(monkeypatch, command)
    assert _run(["x"]) == 130
    assert capsys.readouterr().err.strip() == "interrupted"


def test_a_reader_that_leaves_is_no_traceback() -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "tinyedge", "boards"],
            stdout=write,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    finally:
        os.close(write)
    assert ended.stderr == ""
    assert ended.returncode == 141


@pytest.mark.parametrize("command", ["boards", "doctor"])
def test_json_is_one_document_and_text_goes_to_stderr(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run([command, "--json"]) == 0
    said = capsys.readouterr()
    assert isinstance(json.loads(said.out), dict)
    assert "mps3-an547" in said.err


def test_doctor_of_one_board_fails_with_5_when_its_emulator_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert _run(["doctor", "--board", "mps3-an547"]) == 5
    assert "apt-get install --no-install-recommends qemu-system-arm" in capsys.readouterr().err


def test_size_without_a_build_says_how_to_make_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["size", "/nowhere"]) == 2
    assert "tinyedge build" in capsys.readouterr().err


def test_a_plain_table_aligns_numbers_and_marks_what_is_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    Console().table(("name", "bytes"), [("a", 1234567), ("long name", None)])
    assert capsys.readouterr().out == "name           bytes\na          1,234,567\nlong name          -\n"


def test_what_is_recognised_or_warned_of_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    """A recording may be read twice: to calibrate, and to learn a level."""
    console = Console()
    for _ in range(2):
        console.note("normal.csv: time: `t`")
        console.warn("two gaps")
        console.say("done")
    said = capsys.readouterr()
    assert said.out == "normal.csv: time: `t`\ndone\ndone\n" and said.err == "warning: two gaps\n"


def test_json_refuses_nan_and_a_second_document(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="JSON"):
        Console(as_json=True).finish({"x": float("nan")})
    console = Console(as_json=True)
    console.finish({})
    with pytest.raises(RuntimeError):
        console.finish({})
    assert capsys.readouterr().out == "{}\n"


def test_a_typo_is_answered_with_what_it_may_mean(capsys: pytest.CaptureFixture[str]) -> None:
    for typed, hint in (("tset", "test"), ("biuld", "build"), ("qantize", "quantize")):
        with pytest.raises(SystemExit) as ended:
            cli.main([typed])
        assert ended.value.code == UsageError.exit_code
        assert f"hint: did you mean {hint}" in capsys.readouterr().err


def test_a_shell_is_told_commands_and_options() -> None:
    asked = {"COMP_WORDS": "tinyedge te", "COMP_CWORD": "1", "_TINYEDGE_COMPLETE": "bash_complete"}
    ended = subprocess.run(
        [sys.executable, "-m", "tinyedge"],
        env={**os.environ, **asked},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.stdout.split() == ["plain,test"]
    source = subprocess.run(
        [sys.executable, "-m", "tinyedge", "completion", "bash"], capture_output=True, text=True, timeout=60
    ).stdout
    assert "_TINYEDGE_COMPLETE=bash_complete" in source
    assert subprocess.run(["bash", "-n"], input=source, text=True, timeout=60).returncode == 0


def test_a_file_is_no_port(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.txt").write_text("no port")
    (tmp_path / "folder").mkdir()
    for name, kind in (("notes.txt", "file"), ("folder", "folder")):
        with pytest.raises(SystemExit) as ended:
            cli.main(["monitor", "-p", str(tmp_path / name), "--seconds", "1"])
        assert ended.value.code == DeviceError.exit_code
        assert f"{name} is a {kind}, and no serial port" in capsys.readouterr().err


def test_a_long_job_off_a_terminal_says_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stderr, now = io.StringIO(), 0.0
    pace = consoles.Pace("replaying", 800, lambda: now)
    now = 2.0
    assert str(pace) == "replaying: 2 s so far"
    pace.advance(3)
    now = 3.0
    assert str(pace) == "replaying: 3 of 800, about 13 min left"
    pace.advance(397)
    now = 40.0
    assert str(pace) == "replaying: 400 of 800, about 40 s left"
    pace.advance(400)
    assert str(pace) == "replaying: 800 of 800"
    monkeypatch.setattr(consoles, "_TOLD", (0.01, 60.0))
    monkeypatch.setattr(sys, "stderr", stderr)
    with Console().progress("building") as advance:
        deadline = time.monotonic() + 60
        while not stderr.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
        advance(1)
    assert stderr.getvalue() == "building: 0 s so far\n" and capsys.readouterr().out == ""


@pytest.mark.parametrize("epoch", ["9" * 30, "²", "soon", "-" + "9" * 20])
def test_a_source_date_that_is_no_time_is_told(epoch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH"):
        test_command._now()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert test_command._now() == "1970-01-01T00:00:00+00:00"


def test_what_a_board_file_is_refused_for_names_a_document_that_docs_prints(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('core = "cortex-m4"\n', encoding="utf-8")
    assert _run(["build", "m.tflite", "--board", str(mine)]) == 2
    assert "hint: `tinyedge docs boards`" in capsys.readouterr().err
    assert _run(["docs", "boards"]) == 0
    assert "| `core` |" in capsys.readouterr().out
