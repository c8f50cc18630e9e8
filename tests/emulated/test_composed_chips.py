# SPDX-License-Identifier: Apache-2.0
"""Takes boards that no emulator has, shows their ports on chips composed of the models that labwired has.

Start-up, clock and line of such a port then meet registers that somebody else wrote from the manuals. The
instruction sets are shown elsewhere (tests/emulated/test_boards.py, test_cores.py), since labwired knows
neither DSP nor bit-manipulation instructions, nor mcountinhibit, which a NOP stands in for here.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import runtime_toy as toy
from tests.conftest import lacking
from tinyedge import board as boards
from tinyedge import paths
from tinyedge.line.device import connect
from tinyedge.transport.labwired import Simulation

_MCOUNTINHIBIT = bytes.fromhex("73100032")  # csrw mcountinhibit, zero
_NOP = bytes.fromhex("13000000")
# Board: labwired's chip that has its peripherals, and the UART there.
COMPOSED = {
    "rp2350-arm": ("rp2350", "uart0"),
    "rp2350-riscv": ("rp2350", "uart0"),
    "gd32vf103": ("stm32f103", "uart1"),
}


def system(chip: str, riscv: bool, out: Path) -> Path:
    """A system of labwired's `chip`, with a RISC-V core in place of the Cortex-M if `riscv`."""
    import labwired

    configs = Path(labwired.__file__).parent / "configs"
    text = (configs / "chips" / f"{chip}.yaml").read_text(encoding="utf-8")
    text = text.replace("../peripherals", (configs / "peripherals").as_posix())
    if riscv:
        text, count = re.subn(r'^arch: "arm"$', 'arch: "riscv"', text, flags=re.MULTILINE)
        assert count == 1
        text = re.sub(r"^core: .*\n", "", text, flags=re.MULTILINE)
        text = re.sub(r'  - id: "(systick|nvic)"\n(    .*\n)+', "", text)
    (out / "chip.yaml").write_text(text, encoding="utf-8")
    system = out / "system.yaml"
    system.write_text('name: "x"\nchip: "chip.yaml"\nexternal_devices: []\nboard_io: []\n', encoding="utf-8")
    return system


def plainer(name: str, out: Path) -> Path:
    """The board with the nearest core that labwired can run."""
    text = (paths.boards() / f"{name}.toml").read_text(encoding="utf-8")
    (out / "cores").mkdir()
    core = (paths.boards() / "cores" / "cortex-m33.toml").read_text(encoding="utf-8")
    core = core.replace("-mcpu=cortex-m33", "-mcpu=cortex-m33+nodsp").replace('["dsp", "scalar"]', "[]")
    (out / "cores" / "cortex-m33.toml").write_text(core, encoding="utf-8")
    file = out / f"{name}.toml"
    file.write_text(text.replace('core = "hazard3"', 'core = "rv32imc"'), encoding="utf-8")
    return file


@pytest.mark.parametrize("board", COMPOSED)
def test_the_port_starts_and_keeps_the_line(board: str, tmp_path: Path) -> None:
    try:
        import labwired
    except ImportError:
        lacking("labwired is missing: pip install labwired")
    chip, uart = COMPOSED[board]
    facts = boards.load(board)
    riscv = facts.core.instructions == "riscv"
    built = toy.build(str(plainer(board, tmp_path)), tmp_path / "out")
    image = built.elf.read_bytes()
    assert image.count(_MCOUNTINHIBIT) == riscv
    elf = tmp_path / "patched.elf"
    elf.write_bytes(image.replace(_MCOUNTINHIBIT, _NOP))
    sim = labwired.Sim(elf, system=system(chip, riscv, tmp_path), uart=uart)
    with connect(Simulation(sim, board), expect=toy.EXPECT, timeout=30, limit=30) as device:
        assert (device.hello.tick_unit, device.hello.ticks_hz) == (facts.ticks.unit, facts.ticks.hz)
        data = bytes(range(toy.SIZE))
        device.write(toy.INPUT, data)
        assert device.run(0, 1) > 64
        assert int.from_bytes(device.read(0, 4), "little") == toy.fold(0, data)
        device.self_test()
        memory = device.memory()
        assert memory.stack_high_water is not None and 50 < memory.stack_high_water < 1000
