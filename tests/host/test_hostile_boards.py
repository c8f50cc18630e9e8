# SPDX-License-Identifier: Apache-2.0
"""`tinyedge test` at devices that lie, go silent or answer late: the right exit code, one sentence, soon."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import hostile, trials
from tests.roms import line
from tests.roms.liar import Liar
from tests.trials import Trial
from tinyedge import cli
from tinyedge.line import device
from tinyedge.line.frames import Type
from tinyedge.line.patience import Patience

SECONDS = 30.0
LIMIT = 5.0
_ALL = tuple(Type)
Lie = tuple[dict[str, Any], int, str]

# What it says otherwise than the build's firmware, the exit code, and what is told on stderr or stdout.
TOLD: list[Lie] = [
    ({"payload": 0}, 4, "claims frames of 0 bytes"),
    ({"payload": 4}, 4, "claims frames of 4 bytes"),
    ({"arena": 0}, 4, "claims an arena of 0 bytes"),
    ({"arena": 2**32 - 1}, 4, "claims an arena of 4,294,967,295 bytes"),
    ({"state": 2**32 - 1}, 4, "claims a state of 4,294,967,295 bytes"),
    ({"layers": 0}, 4, "claims 0 layers"),
    ({"layers": 2}, 4, "claims 2 layers, and its build has 1"),
    ({"layers": 65536}, 4, "claims 65,536 layers"),
    ({"layers": 2**32 - 1}, 4, "claims 4,294,967,295 layers"),
    ({"inputs": 65535}, 4, "claims 65,535 inputs"),
    ({"models": 0}, 4, "claims 0 models"),
    ({"hz": 0}, 4, "claims 0 ticks a second"),
    ({"texts": b"9\0\x1b[2J\0" + b"34" * 8 + b"\0"}, 4, "runs another build"),
    ({"texts": b"\xff\0\xff\0\xff\0"}, 4, "a hello of another form"),
    ({"names": b"conv\0" + b"34" * 8 + b"\0"}, 4, "runs another build"),
    ({"short": (Type.INFER,)}, 4, "INFER was answered by"),
    ({"short": (Type.MEMORY,)}, 1, "stopped after 8 frames: MEMORY was answered by 11 bytes"),
    ({"places": (2**32 - 1, 2**32 - 1)}, 1, "verdict: fail"),
    ({"ticks": 2**64 - 1, "memory": (0, 2**32 - 2, 0)}, 1, "verdict: fail"),
    ({"memory": (2**32 - 1,) * 3}, 1, "verdict: fail"),
    ({"ticks": 0}, 3, "stood still: 8 inferences took 0 ticks at 1000000000 Hz; and the outputs are wrong"),
    ({"hz": 64_000_000}, 3, "the board host ns at 1000000000 Hz; and the outputs are wrong: layer 0"),
]
WAITED_FOR: list[Lie] = [
    ({"mute": _ALL}, 4, "no bytes at all"),
    ({"mute": (Type.MODEL,)}, 4, "no answer to MODEL"),
    ({"mute": tuple({*_ALL} - {Type.HELLO, Type.MODEL})}, 4, "no answer to RESET_STATE"),
    ({"mute": (Type.INFER,)}, 4, "no answer to INFER"),
    ({"cut": 5}, 4, "frames, but no answer to hello"),
    ({"stale": _ALL}, 4, "frames, but no answer to hello"),
    ({"stale": (Type.RESET_STATE,)}, 4, "answers to earlier requests"),
    ({"garbage": bytes(range(1, 255)) * 40}, 4, "but no hello; they begin"),
    ({"garbage": b"MicroPython v1.27\r\n>>> "}, 4, "this is other firmware"),
    # Outputs were wrong before its answers were: that is what the user has to know.
    ({"stale": (Type.MEMORY,)}, 1, "first difference: output 'output'"),
    ({"mute": (Type.MEMORY, Type.RUN)}, 1, "first difference: output 'output'"),
    ({"mute": (Type.RUN,)}, 1, "first difference: output 'output'"),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """A project: one convolution, built for the host, and a recording x.npz."""
    folder = tmp_path_factory.mktemp("project")
    trial = trials.prepare("host", folder / "out")
    (folder / "conv.tflite").write_bytes(trial.model.data)
    np.savez(folder / "x.npz", x=trial.recording.values[0])
    return trial


@pytest.fixture
def project(made: Trial, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trial]:
    monkeypatch.chdir(made.out.parent)
    before = signal.getsignal(signal.SIGTERM)
    yield made
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize(("lie", "code", "words"), [*TOLD, *hostile.some(WAITED_FOR, 2)])
def test_what_a_device_does_is_told_in_a_sentence(
    project: Trial,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    lie: dict[str, Any],
    code: int,
    words: str,
) -> None:
    # It answers at once, or never: there is nothing to be patient for.
    monkeypatch.setattr(device, "AT_LEAST_EMULATED", LIMIT)
    monkeypatch.setattr(Patience, "_seconds", lambda self, instructions: LIMIT)
    start = time.monotonic()
    with (
        line.tcp(line.Cable(Liar(project.build, **{"unit": 0, "hz": 10**9, **lie})).talk) as url,
        pytest.raises(SystemExit) as ended,
    ):
        arguments = ["--board", "host", "--replay", "x.npz", "-o", "out", "-p", url]
        cli.main(["test", "conv.tflite", *arguments])
    assert time.monotonic() - start < SECONDS
    out, err = capsys.readouterr()
    assert ended.value.code == code, (out, err)
    assert words in out + err
    assert err.count("error:") == ("verdict" not in out), (out, err)
    assert "hint: \n" not in out + err and "\x1b" not in out + err and "Traceback" not in out + err
    assert (Path("out") / "report.json").exists() == ("verdict" in out)
