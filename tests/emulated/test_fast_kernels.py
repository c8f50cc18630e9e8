# SPDX-License-Identifier: Apache-2.0
"""The kernels of every emulated core but Helium: random layers, and chains in place, give LiteRT's bits."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from elftools.elf.elffile import ELFFile

from tests import exports, single_op, zoo
from tests.conftest import lacking
from tests.emulated import test_helium as helium
from tests.emulated import test_rvv as rvv
from tinyedge import board as boards
from tinyedge import paths
from tinyedge.ops import Case, conv_2d, depthwise_conv_2d
from tinyedge.ops.case import Window
from tinyedge.options import Optimize, Options
from tinyedge.plan import placement
from tinyedge.toolchain import compilers, thumb

FOLDERS = {"qemu-virt-rv32": "scalar", "qemu-virt-rv32v": "rvv", "mps2-an386": "dsp"}
"""The folder of the convolution's fast twin on each board."""

DSP = {"conv_2d_s8_quads_dsp", "depthwise_conv_2d_s8_dsp", "fully_connected_s8_dsp"}
"""Other kernels that layers have on a Cortex-M4."""

WINDOWS = (
    (Window((1, 1, 1, 300), (1, 1)), 9),  # a single pixel
    (Window((1, 3, 2, 7), (3, 2), padding=1), 6),
    (Window((1, 1, 3, 297), (1, 2)), 35),  # a window in parts, channels in blocks
)


QUADS = (
    (Window((1, 7, 6, 3), (3, 3), stride=(2, 1)), 8),  # lines of 9 taps, padded; pixels in twos
    (Window((1, 3, 3, 2), (2, 7), dilation=(2, 1)), 4),
    (Window((1, 5, 1, 1), (5, 1)), 12),
    (Window((1, 5, 5, 8), (1, 1)), 8),  # an odd last pixel
    (Window((1, 1, 1, 12), (1, 1)), 4),  # no other pixel
    (Window((2, 3, 3, 132), (1, 1)), 8),  # taps that take several turns
    (Window((1, 3, 3, 20), (3, 3)), 4),
)
"""Layers whose channels go by four; outputs are any byte, all from the zero point on or not."""


COLUMNS = (
    Window((2, 4, 13, 5), (3, 3)),  # six windows at once, then six, then one; channels by four, one twice
    Window((1, 5, 5, 68), (3, 3)),  # more channels than the stack holds
    Window((1, 3, 4, 67), (3, 3), stride=(2, 1)),
    Window((1, 9, 12, 8), (3, 3), stride=(2, 2)),  # every second window
    Window((1, 4, 13, 71), (3, 3), stride=(1, 2), padding=1),
    Window((1, 5, 20, 36), (3, 3), stride=(2, 2)),  # two cells, of which the second is small
    Window((1, 4, 67, 12), (3, 3)),  # more rows than can stay
    Window((1, 5, 12, 64), (3, 3), stride=(3, 1)),  # none of which another line needs
)
"""Depthwise layers whose windows lie in eight columns; outputs are any byte, all from the zero point on."""


def convolutions() -> Iterator[Case]:
    yield from helium.convolutions(12)
    rng = np.random.default_rng(9)
    for i, (window, channels) in enumerate(WINDOWS):
        yield conv_2d._case(f"window{i}", rng, "int8", "int32", window, channels, 1)
    for i, (window, channels) in enumerate(QUADS):
        for zero_point in (-128, 5):
            yield conv_2d._case(f"quad{i}{zero_point}", rng, "int8", "int32", window, channels, 1, zero_point)


def depthwise() -> Iterator[Case]:
    yield from helium.depthwise(12)
    rng = np.random.default_rng(10)
    for i, window in enumerate(COLUMNS):
        yield depthwise_conv_2d._case(f"columns{i}", rng, "int8", window, 1, -128)


LAYERS: dict[str, Callable[[], Iterator[Case]]] = {
    "CONV_2D": convolutions,
    "DEPTHWISE_CONV_2D": depthwise,
    "FULLY_CONNECTED": lambda: rvv.dense_layers(8),
}


def layers() -> list[Case]:
    """All of them, for one image: what a build and an emulator take besides is taken once."""
    return [
        dataclasses.replace(case, name=f"{operator.lower()}_{case.name}")
        for operator, generate in LAYERS.items()
        for case in generate()
    ]


@pytest.mark.usefixtures("side_by_side")
@pytest.mark.parametrize(("board", "optimize"), [*((b, "speed") for b in FOLDERS), ("mps2-an386", "size")])
def test_random_layers_equal_litert(board: str, optimize: Optimize, tmp_path: Path) -> None:
    file = tmp_path / "layers.tflite"
    file.write_bytes(single_op.merged(layers()))
    report = zoo.replay(file, board, tmp_path / "out", helium.FRAMES, Options(optimize))
    kernels = {layer.kernel for layer in report.build.layers}
    assert f"conv_2d_s8_{FOLDERS[board]}" in kernels
    assert board != "mps2-an386" or kernels >= DSP
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (helium.FRAMES, 0), report.bit_exact


@pytest.mark.parametrize("upwards", [False, True])
@pytest.mark.parametrize("board", FOLDERS)
def test_outputs_trail_over_inputs(
    board: str, upwards: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helium, "BOARD", board)
    # What outputs lie above decides which kernel a Cortex-M4 has.
    monkeypatch.setattr(helium, "ZERO_POINT", -128 if board == "mps2-an386" else helium.ZERO_POINT)
    helium.test_outputs_trail_over_inputs("speed", upwards, tmp_path, monkeypatch)


WIDE: Sequence[helium.Link] = (
    # 116 outputs a row are three thirds of four segments; 58 are none, so that three rows go together.
    ("CONV_2D", (5, 5), (1, 1), (1, 1), 4, 1),
    ("CONV_2D", (5, 5), (1, 2), (1, 1), 4, 1),
    ("CONV_2D", (5, 5), (1, 1), (1, 1), 4, 1),
)


@pytest.mark.parametrize("upwards", [False, True])
def test_strips_trail_over_inputs(upwards: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = helium.place_upwards if upwards else helium.place_downwards
    monkeypatch.setattr(placement, "place", place)
    file = tmp_path / "chain.tflite"
    file.write_bytes(helium.chain((1, 7, 116, 4), WIDE))
    report = zoo.replay(file, "qemu-virt-rv32", tmp_path / "out", 2, Options("speed"))
    kernels = [layer.kernel for layer in report.build.layers]
    assert kernels == ["conv_2d_s8_strips_scalar", "conv_2d_s8_scalar", "conv_2d_s8_strips_scalar"]
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (2, 0), report.bit_exact


def test_a_compiler_may_keep_r7_for_its_frames(tmp_path: Path) -> None:
    """As with -fno-omit-frame-pointer: loops in instructions that want every register do without it."""
    helium.skip_without("gcc")
    for kernel in sorted((paths.firmware() / "kernels" / "dsp").glob("*.c")):
        flags = ["-std=c11", "-mcpu=cortex-m4", "-mthumb", "-O1", "-fno-omit-frame-pointer", "-o", "kernel.o"]
        exports.run(["arm-none-eabi-gcc", *flags, "-I", paths.firmware(), "-c", kernel], tmp_path)


def test_what_gcc_guesses_refuses_no_build(tmp_path: Path) -> None:
    """GCC 12 takes the sums of a window in one part for what may be uninitialized."""
    install = compilers.missing(boards.load("qemu-virt-rv32"), "gcc")
    if install is not None:
        lacking(f"gcc for qemu-virt-rv32 is missing: {install}")
    file = tmp_path / "guessed.tflite"
    guessed = Window((1, 4, 3, 12), (3, 5))
    file.write_bytes(single_op.single(helium.convolution(np.random.default_rng(0), "guessed", guessed, 4, 1)))
    report = zoo.replay(file, "qemu-virt-rv32", tmp_path / "out", 3, Options("speed", compiler="gcc"))
    assert [layer.kernel for layer in report.build.layers] == ["conv_2d_s8_scalar"]
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (3, 0), report.bit_exact


@pytest.mark.parametrize("compiler", ["zig", "gcc"])
def test_what_counts_from_its_own_place_begins_at_a_word(compiler: str, tmp_path: Path) -> None:
    """ADR counts from a multiple of 4: in a function that lies at another of 2 it would be two bytes off."""
    helium.skip_without(compiler)
    found = compilers.find(boards.load("mps2-an386"), compiler)
    counting = {}
    for kernel in sorted((paths.firmware() / "kernels" / "dsp").glob("*.c")):
        command = found.compile_command(str(kernel), "kernel.o", tmp_path, "size")
        exports.run([*command, "-I", paths.firmware()], tmp_path)
        with (tmp_path / "kernel.o").open("rb") as stream:
            for section in ELFFile(stream).iter_sections():
                # A section for each function: it begins where that does.
                if section.name.startswith(".text.") and _counts(section.data()):
                    counting[section.name.removeprefix(".text.")] = section["sh_addralign"]
    assert "te_conv_2d_s8_dsp_quads" in counting
    assert {name: aligned for name, aligned in counting.items() if aligned < 4} == {}


def _counts(code: bytes) -> bool:
    """Whether it has an ADR, of either length."""
    return any(
        first >> 11 == 0b10100 if second is None else first & 0xFBFF in (0xF20F, 0xF2AF)
        for _, first, second in thumb.instructions(code, 0, ())
    )
