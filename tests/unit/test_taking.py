# SPDX-License-Identifier: Apache-2.0
"""`tinyedge record` makes a recording that replays of what a sensor's firmware prints."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from tinyedge import cli, recording
from tinyedge.bench.taking import take
from tinyedge.build import Spec
from tinyedge.commands.record import command
from tinyedge.errors import DeviceError, InvalidMeasurement, TinyedgeError, UsageError
from tinyedge.line import samples
from tinyedge.line.forwarder import Rows, numbers
from tinyedge.line.frames import Frame, encode
from tinyedge.project import Input


class Line:
    """A line whose bytes come in pieces, on a clock of its own: 0.1 s a piece; silent at the end."""

    name = "line"
    bytes_per_second = None

    def __init__(self, pieces: list[bytes]) -> None:
        self.now, self._pieces = 0.0, pieces

    def read(self, timeout: float) -> bytes:
        self.now += 0.1
        return self._pieces.pop(0) if self._pieces else b""

    def write(self, data: bytes) -> None:
        raise AssertionError("a recording is listening alone")

    def close(self) -> None:
        pass


def pieces(text: str, size: int) -> list[bytes]:
    data = text.encode()
    return [data[at : at + size] for at in range(0, len(data), size)]


def values(rows: int, seed: int = 0) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.round(np.random.default_rng(seed).normal(0, 9, (rows, 3)), 3)


@pytest.mark.parametrize("separator", [",", ", ", "\t", ";", " "])
@pytest.mark.parametrize("size", [1, 7, 200])
def test_rows_are_read_whatever_the_pieces(separator: str, size: int) -> None:
    wanted = values(40)
    lines = [separator.join(map(str, row)) for row in wanted]
    text = "7.5" + separator + "3\r\nets Jul 29 2019, rst:0x1\r\n" + "\r\n".join(lines) + "\r\n"
    rows = Rows()
    found = [row for piece in pieces(text, size) for row in rows.feed(piece)]
    assert found == [tuple(row) for row in wanted.tolist()]
    assert rows.columns == 3 and rows.skipped == 1 and not rows.broken


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1,-2.5,3e-2", (1.0, -2.5, 0.03)),
        ("ax:1.5,ay:-2", (1.5, -2.0)),
        ("1,2,", None),
        ("nan,1", None),
        ("1_0,2", None),
        ("Starting inferencing", None),
        ("", None),
    ],
)
def test_a_line(text: str, wanted: tuple[float, ...] | None) -> None:
    assert numbers(text) == wanted


def test_a_recording_replays_with_its_label(tmp_path: Path) -> None:
    wanted, out = values(300), tmp_path / "r.csv"
    lines = [",".join(map(str, row)) for row in wanted]
    lines[200] = "brownout"  # instead of a sample
    line = Line(pieces("cut\n" + "\n".join(lines) + "\n", 97))
    signal = Input(channels=("x", "y", "z"), rate_hz=50.0)
    taken = take(line, out, signal, "shake", clock=lambda: line.now)
    assert taken.rows == 299 and taken.skipped == 1 and taken.broken == "brownout"
    assert any("such as 'brownout'" in warning for warning in taken.warnings)
    spec = Spec("x", (1, 1, 3), "float32")
    made = recording.load(out, [spec], 1, 1, signal=signal)
    kept = np.delete(wanted, 200, axis=0).astype(np.float32)
    np.testing.assert_array_equal(made.values[0][:, 0], kept)
    assert made.rate_hz == pytest.approx(50.0) and made.gaps == 0 and made.classes == ("shake",)
    assert not [path for path in tmp_path.iterdir() if path != out]


def test_without_a_rate_it_is_measured_and_a_slow_line_is_said(tmp_path: Path) -> None:
    # Ten rows in each piece of 0.1 s: 100 Hz.
    ten = "\n".join(f"{i},1" for i in range(10)) + "\n"
    line = Line([b"cut\n", *([ten.encode()] * 60)])
    taken = take(line, tmp_path / "a.csv", Input(), clock=lambda: line.now)
    assert taken.channels == ("channel_1", "channel_2") and taken.rate_hz == pytest.approx(100, rel=0.06)
    line = Line([b"cut\n", *([ten.encode()] * 60)])
    taken = take(line, tmp_path / "b.csv", Input(rate_hz=200.0), clock=lambda: line.now)
    assert "counted at 200 Hz: samples are lost" in taken.warnings[0]


def test_times_of_fast_and_long_recordings_keep_their_steps(tmp_path: Path) -> None:
    line = Line([b"cut\n", *[b"1,2\n" * 1000] * 20])
    take(line, tmp_path / "r.csv", Input(rate_hz=16_000.0), clock=lambda: line.now)
    times = np.loadtxt(tmp_path / "r.csv", delimiter=",", skiprows=1, usecols=0)
    np.testing.assert_allclose(times, np.arange(20_000) / 16_000, rtol=1e-11)


def sent(rows: np.ndarray[tuple[int, int], np.dtype[np.int16]], first: int) -> bytes:
    """A frame as te_samples.h makes it, which tests/host/test_sent_samples.py holds to samples.py."""
    head = struct.pack("<IHH", first, rows.shape[1], 0)
    return encode(Frame(0, 0, samples.TYPE, head + rows.astype("<i2").tobytes()))


def test_frames_of_samples_become_physical_and_lost_ones_are_gaps(tmp_path: Path) -> None:
    wanted = np.random.default_rng(4).integers(-32768, 32768, (400, 2)).astype(np.int16)
    frames = [sent(wanted[at : at + 10], at) for at in range(0, 400, 10)]
    line = Line([b"boot\n", *(frame for at, frame in enumerate(frames) if at not in (7, 8))])
    signal = Input(channels=("a", "b"), rate_hz=100.0, lsb=0.25)
    taken = take(line, tmp_path / "r.csv", signal, clock=lambda: line.now)
    assert (taken.rows, taken.lost) == (380, 20) and "lost 20 rows" in taken.warnings[-1]
    assert taken.measured_hz == pytest.approx(100, rel=0.1)
    kept = np.delete(wanted, np.arange(70, 90), axis=0)
    made = recording.load(tmp_path / "r.csv", [Spec("x", (1, 1, 2), "float32")], 1, 1, signal=signal)
    np.testing.assert_array_equal(made.values[0][:, 0], kept * np.float32(0.25))
    assert made.gaps == 1 and made.fresh == (70,)
    steps = Input(rate_hz=100.0, type="int16", lsb=0.25)
    line = Line(list(frames))
    take(line, tmp_path / "s.csv", steps, clock=lambda: line.now)
    assert (tmp_path / "s.csv").read_text().splitlines()[1] == f"0,{wanted[0, 0]},{wanted[0, 1]}"
    with pytest.raises(UsageError, match="sends 2 channels, \\[input\\] names 3"):
        line = Line(list(frames))
        take(line, tmp_path / "t.csv", Input(channels=("x", "y", "z"), rate_hz=1.0), clock=lambda: line.now)
    assert not (tmp_path / "t.csv").exists()


@pytest.mark.parametrize(
    ("text", "channels", "kind", "says"),
    [
        ("", None, DeviceError, "nothing came in 5 s"),
        ("a\nhello\nworld\n", None, InvalidMeasurement, "2 lines came, and none is a row"),
        ("1,2\n1,2\n3,4\n", ("x", "y", "z"), UsageError, "no line has 3 numbers"),
        ("1,2\n1,2\n3,4\n", None, InvalidMeasurement, "2 rows came, too few to tell their rate"),
    ],
)
def test_what_is_no_recording_leaves_no_file(
    tmp_path: Path, text: str, channels: tuple[str, ...] | None, kind: type[TinyedgeError], says: str
) -> None:
    line = Line(pieces(text, 5))
    with pytest.raises(kind, match=says) as caught:
        take(line, tmp_path / "r.csv", Input(channels=channels), clock=lambda: line.now)
    assert caught.value.hint and not list(tmp_path.iterdir())


def test_the_command_over_tcp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tinyedge.toml").write_text('[input]\nchannels = ["x", "y", "z"]\nrate_hz = 100\n')
    server = socket.create_server(("127.0.0.1", 0))

    def print_samples() -> None:
        client = server.accept()[0]
        with client:
            for row in values(100):
                client.sendall((",".join(map(str, row)) + "\r\n").encode())
            time.sleep(1.5)

    sensor = threading.Thread(target=print_samples, daemon=True)
    sensor.start()
    port = f"socket://127.0.0.1:{server.getsockname()[1]}"
    done = CliRunner().invoke(command, ["-p", port, "-o", "r.csv", "--seconds", "1"], catch_exceptions=False)
    assert done.exit_code == 0 and "99 rows of x, y, z at 100 Hz" in done.output
    np.testing.assert_allclose(np.loadtxt("r.csv", delimiter=",", skiprows=1)[:, 1:], values(100)[1:])
    sensor.join(5)
    server.close()


@pytest.mark.parametrize("name", ["a,b", 'a"', "a\nb", "a\x1b[31m", "a;b"])
def test_a_name_that_would_break_the_file_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    command = ["record", "-p", "exec://true", "-o", "a.csv"]
    assert cli._run([*command, "--label", name]) == 2
    assert "the label " in capsys.readouterr().err
    Path("tinyedge.toml").write_text(f"[input]\nchannels = [{json.dumps(name)}]\n")
    assert cli._run(command) == 2
    assert "the channel " in capsys.readouterr().err and not Path("a.csv").exists()
