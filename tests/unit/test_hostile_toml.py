# SPDX-License-Identifier: Apache-2.0
"""Every key of our TOML files, every option of every command, with hostile values."""

from __future__ import annotations

import contextlib
import io
import json
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import click
import pytest
from pydantic import BaseModel

from tests import hostile, zoo
from tinyedge import blocks, cli, passes, paths, project, text
from tinyedge import board as boards
from tinyedge import plan as planner
from tinyedge.bench import samples
from tinyedge.blocks import attach, behind, hook
from tinyedge.build import Spec
from tinyedge.errors import TinyedgeError
from tinyedge.model import tflite

# As TOML writes them.
VALUES = (
    *(
        "inf",
        "-inf",
        "nan",
        "0",
        "-1",
        "-0.0",
        "1e-320",
        "1e308",
        "1e999",
        "true",
        "[]",
        "{}",
        "[[[]]]",
        '""',
    ),
    *(str(2**31), str(2**63), str(2**64), "9" * 4300, "9" * 4301, "0x" + "f" * 5000, "0b" + "1" * 20000),
    *(
        '"\\u0000"',
        '"a\\u0000b"',
        '"' + "a" * 300 + '"',
        '"' + "a/" * 3000 + '"',
        '"' + "é" * 200 + '"',
        '"../x"',
        '"/"',
    ),
    *(
        '"\\u001b[2J"',
        '"\\u202e"',
        '"\\n"',
        '"\\U0010FFFF"',
        '"-o"',
        '"$(id)"',
        '"rot13"',
        '"hex"',
        '"undefined"',
    ),
    *(
        "2026-11-28",
        "07:32:00",
        "2026-11-28T07:32:00Z",
        "[1, 2]",
        '["a", ""]',
        "{ a = 1 }",
        "[" * 60 + "]" * 60,
    ),
    *("[" * 2000 + "]" * 2000, "{a=" * 2000 + "1" + "}" * 2000, "'''\n'''", '"' + "x" * 100_000 + '"'),
)

EDGES = (
    *("1", "2", "3", "7", "255", "4096", "65536", "1e-6", "1e-300", "0.5", "50.0", "1e15", "[[0, 0]]"),
    *("[[20.0, 1.0]]", "[[0.0, 1e300]]", "[0.0, 1e-300]", "[1.0]", "[]", "[50, 10]", '["mean", "mean"]'),
    *('"hann"', '"int8"', '"natural"', "false", "16777216", "2147483647"),
)


def _keys(table: type[BaseModel], before: str = "") -> Iterator[str]:
    """Dotted names of all fields, those of tables within included."""
    for name, field in table.model_fields.items():
        yield f"{before}{name}"
        for kind in (field.annotation, *get_args(field.annotation)):
            if (
                isinstance(kind, type)
                and not isinstance(kind, types.GenericAlias)
                and issubclass(kind, BaseModel)
            ):
                yield from _keys(kind, f"{before}{name}.")


def _fine(path: Path, written: str, load: Any) -> TinyedgeError | None:
    path.write_text(written, encoding="utf-8")
    try:
        load(path)
    except TinyedgeError as error:
        said = text.terminal(f"{error} {error.hint}")
        assert said.isprintable() and len(said) < 10_000
        return error
    return None


@pytest.mark.parametrize("key", list(_keys(project.Project)))
def test_every_key_of_a_project(key: str, tmp_path: Path) -> None:
    assert key.split(".")[0] in project.Project.model_fields
    for value in hostile.some(VALUES, 8):
        for line in (f"{key} = {value}\n", f"{key}.a.b = {value}\n", f"[[{key}]]\nx = {value}\n"):
            _fine(tmp_path / "tinyedge.toml", line, project.load)


@pytest.mark.parametrize("name", ["mps3-an547", "esp32c3"])
def test_every_key_of_a_board(name: str, tmp_path: Path) -> None:
    lines = (paths.boards() / f"{name}.toml").read_text(encoding="utf-8").split("\n")
    entries = [i for i, line in enumerate(lines) if "=" in line and line[:1].isalpha()]
    for i in entries:
        key = lines[i].split("=")[0].strip()
        for value in hostile.some(VALUES, 6):
            changed = [*lines[:i], f"{key} = {value}", *lines[i + 1 :]]
            _fine(tmp_path / "mine.toml", "\n".join(changed), boards.load)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("a." * 2000 + "a = 1", "unknown key"),
        ("model." + "a." * 2000 + "a = 1", "model"),
        ("x = " + "[" * 2000 + "]" * 2000, "nested too deeply"),
        ("x = " + "9" * 4301, "not valid TOML"),
        ("model = 0x" + "f" * 5000, "model = a int that is too large to show|model"),
        ('model = "a\\u0000b"', "no file can be called so"),
        ('model = "' + "a" * 300 + '"', "no file can be called so"),
        ('board = "' + "a" * 300 + '.toml"', "no file can be called so"),
        ('[replay]\nfile = "x"\nperiod_us = inf', "period_us"),
        ("#" * (1 << 20) + "\n", "more than 1,048,576 bytes"),
        ("\ufeff\ufeff", "not valid TOML"),
    ],
)
def test_what_was_seen_once(written: str, said: str, tmp_path: Path) -> None:
    error = _fine(tmp_path / "tinyedge.toml", written, project.load)
    assert error is not None and error.exit_code == 2
    assert any(part in str(error) for part in said.split("|")), str(error)[:300]
    assert _fine(tmp_path / "mine.toml", written, boards.load) is not None


# What each block needs before it, and keys that it cannot do without.
_SENSOR = {"channels": '["x", "y"]', "lsb": "0.001", "hop": "8", "rate_hz": "100"}
_SOUND = {"channels": '["x"]', "lsb": "0.001", "hop": "160", "rate_hz": "16000"}
_BEFORE = {
    **{"bands": ("fft",), "mel": ("fft",), "mfcc": ("fft", "mel"), "spectral": ("fft",)},
    **{"debounce": ("reconstruction_error", "threshold"), "majority": ("argmax",)},
    "threshold": ("reconstruction_error",),
}
_NEEDED = {
    "bands": {"bands_hz": "[[1.0, 20.0]]"},
    "decimate": {"factor": "2"},
    "drift": {"edges": "[0.0]", "expected": "[0.5, 0.5]"},
    "filter": {"type": '"lowpass"', "cutoff_hz": "10.0"},
    "fir": {"taps": "5", "cutoff_hz": "10.0"},
    "gmm": {
        "weights": "[1.0]",
        "means": f"[{[0.0] * 36}]",
        "covariances": f"[{[[float(i == j) for j in range(36)] for i in range(36)]}]",
    },
    "hook": {"file": '"own.c"'},
    "kmeans": {"centres": f"[{[0.0] * 36}]", "deviation": f"{[1.0] * 36}"},
    "mahalanobis": {
        "mean": f"{[0.0] * 36}",
        "covariance": f"{[[float(i == j) for j in range(36)] for i in range(36)]}",
    },
    "majority": {"runs": "3"},
    "mel": {"filters": "2"},
    "mfcc": {"coefficients": "2"},
    "moving_average": {"runs": "3"},
    "threshold": {"level": "0.5"},
    "window": {"rows": "16"},
}


def _with_stages(sensor: dict[str, str], *stages: tuple[str, dict[str, str]]) -> str:
    lines = ["[input]", *(f"{key} = {value}" for key, value in sensor.items())]
    for block, keys in stages:
        place = "preprocess" if blocks.lookup(block).place == "before" else "postprocess"
        lines += [f"[[{place}]]", f'block = "{block}"', *(f"{key} = {value}" for key, value in keys.items())]
    return "\n".join(lines)


def _attached(path: Path) -> None:
    (path.parent / "own.c").write_text('#include "kernels/hook.h"\nvoid own(void);\n')
    read = hook.read(project.load(path), trust=True)
    if read.preprocess:
        graph = attach.alone(attach.Front(read.input, read.preprocess), "front")
    else:
        network = tflite.lower((zoo.OURS / "tiny_ae.tflite").read_bytes(), "network")
        graph = behind.decide(passes.optimize(network), behind.Back(read.postprocess))
    planner.plan(graph, boards.load("host"))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", blocks.names())
def test_every_key_of_a_block(name: str, tmp_path: Path) -> None:
    before = [(block, _NEEDED.get(block, {})) for block in _BEFORE.get(name, ())]
    needed, sensor = _NEEDED.get(name, {}), _SOUND if name == "audio_frontend" else _SENSOR
    path = tmp_path / "tinyedge.toml"
    assert _fine(path, _with_stages(sensor, *before, (name, needed)), _attached) is None
    for key in (*blocks.lookup(name).parameters.model_fields, "no"):
        for value in hostile.some((*VALUES, *EDGES), 3):
            _fine(path, _with_stages(sensor, *before, (name, {**needed, key: value})), _attached)
    for key in sensor:
        for value in hostile.some((*VALUES, *EDGES), 1):
            _fine(path, _with_stages({**sensor, key: value}, *before, (name, needed)), _attached)


_TABLE = "time,x,y,label\n" + "".join(f"{i * 10},{i % 7},{-i},{'ab'[i % 2]}\n" for i in range(36))
_CODECS = (
    "base64",
    "idna",
    "punycode",
    "unicode_escape",
    "utf-16",
    "utf-7",
    "zlib",
    "cp037",
    "charmap",
    "mbcs",
)
_WRITTEN = (
    '"time"',
    '"x"',
    '"y"',
    '"label"',
    '";"',
    '"."',
    '"ms"',
    '"#"',
    '["x", "x"]',
    '["b", "a"]',
    '["c"]',
)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("key", [*_keys(project.Input, "input."), *_keys(project.Columns, "recording.")])
def test_every_key_about_a_recording(key: str, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text(_TABLE)
    spec = Spec("x", (1, 8, 2), "int8", 0.1, 0)

    def read(path: Path) -> None:
        told = project.load(path)
        samples.read([spec], project.Replay(file=tmp_path / "r.csv", window=8), told.input, told.recording)

    codecs = [f'"{codec}"' for codec in _CODECS] if key.endswith("encoding") else []
    for value in hostile.some((*VALUES, *EDGES, *_WRITTEN, *codecs), 12):
        _fine(tmp_path / "tinyedge.toml", f"{key} = {value}\n", read)


OPTIONS = (
    *(
        "",
        " ",
        "-",
        "--",
        "-1",
        "0",
        "99999999999999999999",
        "nan",
        "1e400",
        "a\nb",
        "\x1b[2J\x07",
        "\u202e",
        "\udcff",
    ),
    *(
        "/",
        ".",
        "..",
        "/dev/null",
        "/proc/self/mem",
        "x" * 300,
        "x/" * 3000,
        "no.tflite",
        "no.toml",
        "tinyedge.toml",
    ),
    *("$(id)", "host", "exec://", "socket://", "rfc2217://", "socket://x:y", "0000:0000", "*", "[", "COM1"),
)
# They wait for a board, or install something; what they take is tried in tests of their own.
_NOT = {"monitor", "run", "record", "doctor", "quantize", "init"}


def _commands() -> list[str]:
    return [name for name in cli.group.list_commands(click.Context(cli.group)) if name not in _NOT]


@pytest.mark.parametrize("name", _commands())
def test_every_option_of_every_command(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.tflite").write_bytes((zoo.OURS / "tiny_ae.tflite").read_bytes())
    (tmp_path / "tinyedge.toml").write_text('model = "net.tflite"\nboard = "no-such-board"\n')
    command = cli.group.get_command(click.Context(cli.group), name)
    assert command is not None
    for parameter in command.params:
        flag = [parameter.opts[0]] if isinstance(parameter, click.Option) else []
        if isinstance(parameter, click.Option) and parameter.is_flag:
            continue
        required = ["--format", "single"] if name == "export" and flag != ["--format"] else []
        for value in hostile.some(OPTIONS, 6):
            _run([name, *required, *flag, value])


def _run(arguments: list[str]) -> None:
    said, warned = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(warned):
        code = cli._run(arguments)
    assert code in range(6), (arguments, code)
    for line in warned.getvalue().split("\n"):
        assert line.isprintable(), (arguments, line)


def test_an_error_as_json_is_json_whatever_is_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for value in OPTIONS:
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
            code = cli._run(["check", "--json", "--", value])
        assert json.loads(said.getvalue())["error"]["exit_code"] == code
