# SPDX-License-Identifier: Apache-2.0
"""An image that speaks MLPerf Tiny's protocol: the answers of benchmark/api of mlcommons/tiny, results of
LiteRT.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests import zoo
from tinyedge import pipeline
from tinyedge.errors import Unsupported, UsageError
from tinyedge.model import tflite
from tinyedge.options import Options
from tinyedge.oracle import Oracle
from tinyedge.protocols.mlperf import ratio

MLPERF = Options(protocol="mlperf")


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build("tiny_cnn", tmp_path_factory.mktemp("cnn"))


def _build(name: str, folder: Path) -> Path:
    file = folder / "kws01.tflite"
    shutil.copyfile(zoo.OURS / f"{name}.tflite", file)
    pipeline.build(file, "host", folder / "out", MLPERF)
    return folder


def _talk(folder: Path, *commands: str) -> list[list[str]]:
    """The answers to commands, without their last lines, which are all m-ready."""
    text = "".join(f"{command}%" for command in commands)
    ended = subprocess.run(
        [folder / "out" / "firmware.elf"], input=text.encode(), capture_output=True, timeout=60, check=False
    )
    answers = ended.stdout.decode().split("m-ready\r\n")
    assert answers[0] == "m-init-done\r\n" and answers.pop() == "" and len(answers) == 1 + len(commands)
    return [answer.splitlines() for answer in answers[1:]]


def _loading(data: bytes) -> list[str]:
    pieces = [f"db {data[at : at + 31].hex()}" for at in range(0, len(data), 31)]  # as the runner cuts them
    return [f"db load {len(data)}", *pieces]


def _expected(folder: Path, values: np.ndarray) -> np.ndarray:
    data = (folder / "kws01.tflite").read_bytes()
    graph = tflite.lower(data, "kws01")
    given, made = (graph.tensors[names[0]] for names in (graph.inputs, graph.outputs))
    assert given.index is not None
    with Oracle(data, "kws01") as oracle:
        (out,) = oracle.run({given.index: values.reshape(given.shape).astype(np.int8)})
    return (out.astype(np.float64).ravel() - made.zero_point) * made.scale


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("name", ["m-name-dut-[tinyedge]"]),
        ("profile", ["m-profile-[ULPMark for tinyML Firmware V0.0.1]", "m-model-[kws01]"]),
        ("db", ["e-[Command 'db' requires a subcommand]"]),
        ("db load", ["e-[Command 'db load' requires the # of bytes]"]),
        ("db load 0", ["e-[Command 'db load' must be >0 bytes]"]),
        ("db load 4", ["m-[Expecting 4 bytes]"]),
        ("db load 99999999999", None),
        ("infer 0", ["e-[Inference iterations must be >0]"]),
        ("infer 1 -1", ["e-[Inference warmup must be >=0]"]),
        ("lights", ["e-[Unknown command: lights]"]),
        ("", ["e-[Unknown command: ]"]),
    ],
)
def test_a_command_is_answered(classifier: Path, command: str, answer: list[str] | None) -> None:
    (said,) = _talk(classifier, command)
    if answer is None:
        assert len(said) == 1 and said[0].startswith("e-[Supplied buffer size exceeds")
    else:
        assert said == answer


def test_what_is_received_is_what_was_sent(classifier: Path) -> None:
    said = _talk(classifier, "db load 10", "db 000102030405060708", "db 0g", "db 1", "db ffAA", "db print")
    assert said[1:5] == [
        [], ["e-[Invalid hex digit '0g']"], ["e-[Insufficent number of hex digits]"], ["m-load-done"]
    ]  # fmt: skip
    assert said[5] == ["m-buffer-00-01-02-03-04-05-06-07", "m-buffer-08-ff"]
    (endless,) = _talk(classifier, "x" * 5000)
    assert endless == [f"e-[Unknown command: {'x' * 80}]"]


def test_a_classifier_gives_what_litert_gives(classifier: Path) -> None:
    random = np.random.default_rng(7)
    size = _input_size(classifier)
    for _ in range(5):
        values = random.integers(-128, 128, size).astype(np.int8)
        zero_point = _zero_point(classifier)
        sent = (values.astype(int) + 128).astype(np.uint8) if zero_point == -128 else values
        *_, said, again = _talk(classifier, *_loading(sent.tobytes()), "infer 3 2", "results")
        assert [line for line in said if "lap" not in line][:-1] == [
            "m-warmup-start-2", "m-warmup-done", "m-infer-start-3", "m-infer-done"
        ]  # fmt: skip
        first, last = (int(line.rsplit("-", 1)[1]) for line in said if line.startswith("m-lap-us-"))
        assert first <= last
        wanted = ",".join(f"{value:.3f}" for value in _expected(classifier, values))
        assert said[-1:] == again == [f"m-results-[{wanted}]"]


def test_an_autoencoder_is_fed_floats_and_gives_its_mean_squared_error(tmp_path: Path) -> None:
    folder = _build("tiny_ae", tmp_path)
    graph = tflite.lower((folder / "kws01.tflite").read_bytes(), "kws01")
    given = graph.tensors[graph.inputs[0]]
    random = np.random.default_rng(8)
    for scale in (0.5, 1.0, 3.0):  # the last saturates
        real = (random.normal(0, scale, given.nbytes) * given.scale * 60).astype(np.float32)
        values = np.clip(np.rint(real / np.float32(given.scale)) + given.zero_point, -128, 127)
        *_, said = _talk(folder, *_loading(real.astype("<f4").tobytes()), "infer 1 0")
        error = float(np.mean((_expected(folder, values) - real.astype(np.float64)) ** 2))
        result = float(said[-1].removeprefix("m-results-[").removesuffix("]"))
        assert result == pytest.approx(error, abs=0.0005 + error * 1e-4)


def test_scales_are_kept_to_31_bits() -> None:
    for value in (1.0, 0.1, 1 / 256, 3.7e-9, 0.99999999999, 41.5):
        factor, shift = ratio(value)
        assert 1 << 31 <= factor < 1 << 32
        assert factor * 2.0**-shift == pytest.approx(value, rel=2.0**-32)


def test_models_and_commands_that_do_not_fit_are_refused(classifier: Path, tmp_path: Path) -> None:
    with pytest.raises(Unsupported, match="one int8 input, one int8 output and no state"):
        pipeline.build(zoo.OURS / "tiny_cnn_int16x8.tflite", "host", tmp_path, MLPERF)
    with pytest.raises(UsageError, match="speaks mlperf"):
        pipeline.connect(classifier / "out")


def _zero_point(folder: Path) -> int:
    graph = tflite.lower((folder / "kws01.tflite").read_bytes(), "kws01")
    return graph.tensors[graph.inputs[0]].zero_point


def _input_size(folder: Path) -> int:
    graph = tflite.lower((folder / "kws01.tflite").read_bytes(), "kws01")
    return graph.tensors[graph.inputs[0]].nbytes
