# SPDX-License-Identifier: Apache-2.0
"""From spoken sound to a wake word's probability on the device: features, network and decisions are judged.

Features are held to the same C on this machine (which tests/host/test_blocks.py holds to pymicro-features),
the network to LiteRT's reference kernels, the decisions to those of the package that the model comes from.

TINYEDGE_WAKE_WORD_BOARDS="esp32s3 ..." is the long mode: on other boards, too; TINYEDGE_WAKE_WORD_NOISE="0"
with noise that is less far below the voice, in dB; `pytest -s` prints figures.
labwired's esp32s3 has no vector instructions; tests/lx7 has them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile
from scipy.signal import resample_poly

from tests import lx7, zoo
from tests.conftest import lacking
from tinyedge import model as models
from tinyedge import pipeline
from tinyedge.bench import trial
from tinyedge.blocks.attach import Front
from tinyedge.blocks.behind import Back
from tinyedge.graph import Array
from tinyedge.judge.report import Report
from tinyedge.model import Model
from tinyedge.project import Budget, Input, Replay, Stage
from tinyedge.recording.metrics import Metric

BOARDS = ["mps3-an547", *os.environ.get("TINYEDGE_WAKE_WORD_BOARDS", "").split()]
NOISES = [30, *map(int, os.environ.get("TINYEDGE_WAKE_WORD_NOISE", "").split())]
AUDIBLE = 20  # dB: with louder noise the package itself need not hear it
RATE_HZ = 16_000
HOP = 480  # samples of a run: three frames of features, of which the model takes one run's
RULE = Back(
    (
        Stage.model_validate({"block": "moving_average", "runs": 5}),
        Stage.model_validate({"block": "threshold", "level": 0.85}),
    )
)
"""The package's own: the mean of the last five probabilities above the cut-off of okay_nabu.json."""
SIGNAL = Input(channels=("microphone",), rate_hz=RATE_HZ, lsb=1 / 32768, hop=HOP)


@pytest.fixture(scope="module", params=NOISES, ids="{}dB".format)
def spoken(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A WAV of 16 kHz: silence, "okay nabu", other words; with noise some dB below the voice, in its name."""
    speaker = shutil.which("espeak-ng")
    if speaker is None:
        lacking("espeak-ng is not on PATH (apt-get install espeak-ng)")
    folder = tmp_path_factory.mktemp("spoken")
    text = "okay nabu. hello there."
    subprocess.run(
        [speaker, "-v", "en-us", "-s", "140", "-w", folder / "v.wav", text], check=True, timeout=60
    )
    rate, voice = wavfile.read(folder / "v.wav")
    voice = resample_poly(voice.astype(np.float64), RATE_HZ, rate) * 0.7
    noise = np.random.default_rng(0).normal(
        0, voice.std() * 10 ** (-request.param / 20), len(voice) + RATE_HZ
    )
    noise[: len(voice)] += voice
    sound = np.concatenate([np.zeros(2 * HOP), noise])
    path = folder / f"{request.param}.wav"
    wavfile.write(path, RATE_HZ, np.clip(sound, -32768, 32767).astype(np.int16))
    return path


def decisions(sound: Array) -> list[int]:
    """The runs in which the package's own code hears the wake word."""
    from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures, Model

    word, features = MicroWakeWord.from_builtin(Model.OKAY_NABU), MicroWakeWordFeatures()
    # The device has a frame for each step from the first sample on, the package from the first whole one.
    whole = np.concatenate([np.zeros(320, np.int16), sound])
    frames = enumerate(features.process_streaming(whole.tobytes()))
    return [at // 3 for at, frame in frames if word.process_streaming(frame)]


def judge(report: Report, spoken: Path, board: str) -> None:
    """Every bit as here, and the wake word heard in the runs in which the package hears it."""
    runs, build = report.replay.frames, report.build
    assert report.verdict == "pass", report.replay.stopped
    assert report.bit_exact.frames == runs > 60
    assert build.decision is not None and build.decision.decision is not None
    decided = report.replay.output(build.decision.decision).ravel()
    heard = np.flatnonzero(decided).tolist()
    assert heard == decisions(wavfile.read(spoken)[1])
    assert heard or int(spoken.stem) < AUDIBLE
    latency = report.latency
    took = f" {latency.p50:,.0f} {latency.unit} a run;" if latency.unit == "instructions" else ""
    print(
        f"{board}: {runs} runs, noise at -{spoken.stem} dB, heard in {heard};{took}"
        f" state {build.ram.state:,}, arena {build.ram.arena:,} bytes"
    )


def pipeline_of() -> Model:
    model = models.load(zoo.wake_word("okay_nabu"))
    return replace(model, front=Front(SIGNAL, (Stage(block="audio_frontend"),)), back=RULE)


@pytest.mark.parametrize("board", BOARDS)
def test_a_spoken_wake_word_is_heard_on_the_device(spoken: Path, board: str, tmp_path: Path) -> None:
    report = trial.test(pipeline_of(), board, Replay(file=spoken), tmp_path / "out", signal=SIGNAL)
    judge(report, spoken, board)


def test_it_is_heard_through_the_vectors_of_an_esp32s3(spoken: Path, tmp_path: Path) -> None:
    out, model, board = tmp_path / "out", pipeline_of(), lx7.board(tmp_path)
    build = pipeline.build(model, board, out)
    assert any("pie" in layer.kernel for layer in build.layers)
    samples = trial.read(build, Replay(file=spoken), signal=SIGNAL)
    judge(trial.run(model, board, build, out, samples, Metric("none"), Budget()), spoken, "esp32s3, vectors")
