# SPDX-License-Identifier: Apache-2.0
"""Images with the ESP32-S3's vectors in tests/lx7: LiteRT's bits, and the instructions others count."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import lx7, zoo
from tests import plugin as plugins
from tests import runtime_toy as toy
from tests.bench import bench
from tests.emulated.test_esp_rom import _with_rom, _write_flash
from tinyedge import board as boards
from tinyedge import model as models
from tinyedge import pipeline, transport
from tinyedge.board import Board
from tinyedge.errors import DeviceError
from tinyedge.line.device import connect
from tinyedge.options import DEFAULT, Optimize, Options
from tinyedge.toolchain import image

MODELS = ("tiny_cnn", "tiny_cnn_int16x8")
"""Both have depthwise layers."""
FRAMES = 4
"""Two of random bytes, all minima and all maxima."""
COUNT_CALLS = bench.HERE / "count_calls.c"
"""The plugin for QEMU 9."""


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Board:
    return lx7.board(tmp_path_factory.mktemp("lx7"))


@pytest.mark.parametrize("optimize", ["speed", "balanced", "size"])
@pytest.mark.parametrize("name", MODELS)
def test_vectors_give_litert_s_bits(name: str, optimize: Optimize, board: Board, tmp_path: Path) -> None:
    report = zoo.replay(zoo.OURS / f"{name}.tflite", board, tmp_path, FRAMES, Options(optimize))
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (FRAMES, 0), report.bit_exact
    assert any(str(layer.kernel).endswith("_pie") for layer in report.build.layers)


def test_sanitizers_see_nothing(tmp_path: Path) -> None:
    sanitized = lx7.emulated(boards.load(lx7.BOARD), lx7.compile(tmp_path, sanitized=True))
    report = zoo.replay(zoo.OURS / f"{MODELS[0]}.tflite", sanitized, tmp_path / "out", FRAMES)
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (FRAMES, 0), report.bit_exact


def test_an_unknown_instruction_ends_it_with_a_sentence(board: Board, tmp_path: Path) -> None:
    built = toy.build(board.name, tmp_path)
    with connect(transport.open_board(board, built.elf), expect=toy.EXPECT) as device:
        device.write(toy.INPUT, bytes(range(toy.SIZE)))
        device.run(0, 1)
        device.write(toy.MISBEHAVE, bytes([toy.TRAP]))
        with pytest.raises(DeviceError, match=r"lx7: unknown instruction 0x\w{8} at 0x403\w{5}, after \d+ "):
            device.run()


def test_labwired_counts_the_same_without_vectors(board: Board, tmp_path: Path) -> None:
    """Its cycle counter counts instructions, too."""
    scalar = boards.load(board.name).emulated
    assert scalar.emulator is not None and board.emulator is not None
    file = zoo.OURS / f"{MODELS[0]}.tflite"
    theirs = zoo.replay(file, scalar, tmp_path / "theirs", 3)
    ours = zoo.replay(file, board.model_copy(update={"core": scalar.core}), tmp_path / "ours", 3)
    assert ours.build.image.build_id == theirs.build.image.build_id
    assert ours.latency == theirs.latency


def test_espressif_s_qemu_counts_the_same(board: Board, tmp_path: Path) -> None:
    flash = tmp_path / "flash.bin"
    rom = _with_rom(board.name, flash)
    out = tmp_path / "build"
    model = models.load(zoo.OURS / f"{MODELS[0]}.tflite")
    build = pipeline.build(model, boards.load(board.name), out, DEFAULT)
    _write_flash(rom, out, flash)
    symbols = image.open_built(out).symbols
    counts: list[dict[str, int]] = []
    for emulated, source in ((board, bench.PLUGIN), (rom, COUNT_CALLS)):
        plugin, file = plugins.compile(source, tmp_path), tmp_path / f"counts-{len(counts)}.txt"
        bench.infer(plugins.inferences(emulated, plugin, symbols, file), out, build)
        counts.append(bench.read_counts(file, symbols))
    assert counts[0] == counts[1]
