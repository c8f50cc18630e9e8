# SPDX-License-Identifier: Apache-2.0
"""Takes every board that has an emulator, shows link, faults, stack and bits, with nothing attached."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import runtime_toy as toy
from tests import zoo
from tests.conftest import absent, lacking, shared_path
from tinyedge import board as boards
from tinyedge import transport
from tinyedge.line.device import connect
from tinyedge.line.link import Faulted
from tinyedge.options import Optimize, Options
from tinyedge.toolchain import compilers, image

SLOW = [name for name in zoo.boards_apart() if boards.load(name).link.transport == "labwired"]
EMULATED = [name for name in zoo.boards_apart() if boards.load(name).link.transport == "qemu"] + SLOW
OF_CORES = list({boards.load(name).core.name: name for name in reversed(EMULATED)}.values())
"""For each core a board: optimised for size, a model's code depends on nothing else."""
BUILDS = [(name, compiler) for name in EMULATED for compiler in boards.load(name).core.compilers]
FRAMES = 20
SLOW_FRAMES = 3  # of a model of a million instructions: least, greatest and random inputs
SLOW_LONG_FRAMES = 3  # of 1,280 bytes, each at the line's rate: 1,920 outputs
PUBLISHED = {name: "ad01_int8" if name in SLOW else "kws_ref_model" for name in EMULATED}
"""What runs on each; where it is slow, a tenth of the multiplications."""


@pytest.mark.parametrize("board", EMULATED)
def test_a_published_model_is_bit_exact(board: str, tmp_path: Path) -> None:
    frames = SLOW_LONG_FRAMES if board in SLOW else FRAMES
    report = zoo.replay(
        shared_path("models", "mlperf", f"{PUBLISHED[board]}.tflite"), board, tmp_path, frames
    )
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (frames, 0)
    sizes = [symbol.ram for symbol in image.open_built(tmp_path).symbols if symbol.part == "arena"]
    memory = report.memory
    assert sizes == [memory.arena + 2 * 16]  # and its guards
    assert memory.stack_high_water is not None
    if memory.stack_bound is None:
        reason = image.open_built(tmp_path).stack.reason
        decoded = boards.load(board).core.instructions is not None
        assert ("keeps vectors on the stack" if decoded else "not ours to bound") in reason
        assert not decoded or board == "qemu-virt-rv32v"
    else:
        assert 0 < memory.stack_high_water <= memory.stack_bound


@pytest.mark.parametrize(
    ("board", "optimize"),
    [
        *((board, "speed") for board in EMULATED),
        *((board, "size") for board in OF_CORES),
        ("mps3-an547", "balanced"),
    ],
)
def test_our_own_model_is_bit_exact(board: str, optimize: Optimize, tmp_path: Path) -> None:
    frames = SLOW_FRAMES if board in SLOW else FRAMES
    report = zoo.replay(zoo.OURS / "tiny_cnn.tflite", board, tmp_path, frames, Options(optimize))
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (frames, 0)


@pytest.mark.parametrize(("board", "compiler"), BUILDS)
def test_link_faults_and_stack(board: str, compiler: str, tmp_path: Path) -> None:
    facts = boards.load(board)
    install = compilers.missing(facts, compiler)
    if install is not None:
        # Espressif's own compiler is in no package registry.
        (absent if compiler == "espressif" else lacking)(f"{compiler} for {board} is missing: {install}")
    built = toy.build(board, tmp_path, compiler)
    with connect(transport.open_board(facts, built.elf), expect=toy.EXPECT) as device:
        assert device.hello.tick_unit == facts.ticks.unit
        assert (device.hello.ticks_hz, device.hello.units_per_tick) == (facts.ticks.hz, facts.ticks.per_tick)
        data = bytes(range(toy.SIZE))
        device.write(toy.INPUT, data)
        ticks = device.run(0, 1)
        assert int.from_bytes(device.read(0, 4), "little") == toy.fold(0, data)
        # 64 rounds of four to eleven instructions, by a clock that steps
        step = facts.clock(emulated=True).per_tick
        assert 64 * 4 - step < ticks * step < 64 * 11 + step + 100  # and the call
        device.self_test()
        memory = device.memory()
        assert memory.stack_high_water is not None and 50 < memory.stack_high_water < 1000
        faults = [(toy.MISBEHAVE, toy.TRAP, 1), (toy.DIG, 4, 2)]
        if board in SLOW:
            # labwired enters exceptions on Cortex-M alone, and only where there is a stack to push on.
            # The faults of ESP32s are in test_esp_rom.py.
            faults = faults[:1] if facts.core.instructions == "thumb" else []
        for place, what, layer in faults:
            device.write(place, bytes([what]))
            with pytest.raises(Faulted, match=f"in layer {layer}:"):
                device.run()
            assert device.read(0, 4) == bytes(4)  # restarted, arena cleared
