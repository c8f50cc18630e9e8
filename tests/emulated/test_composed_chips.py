# SPDX-License-Identifier: Apache-2.0
"""Takes boards that no emulator has, shows their ports on chips composed of the models that labwired has.

Start-up, clock and line of such a port then meet registers that somebody else wrote from the manuals. The
instruction sets are shown elsewhere (tests/emulated/test_boards.py, test_cores.py), since labwired knows
neither DSP nor bit-manipulation instructions, nor mcountinhibit, which a NOP stands in for here.
"""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from tests import runtime_toy as toy
from tinyedge import board as boards
from tinyedge import paths
from tinyedge.device import connect

_MCOUNTINHIBIT = bytes.fromhex("73100032")  # csrw mcountinhibit, zero
_NOP = bytes.fromhex("13000000")
# Board: labwired's chip with its peripherals, its UART there, and what its own file says otherwise.
COMPOSED = {
    "rp2350-arm": ("rp2350", "uart0", {}),
    "rp2350-riscv": ("rp2350", "uart0", {"arch": '"riscv"'}),
    "gd32vf103": ("stm32f103", "uart1", {"arch": '"riscv"'}),
}


class Line:
    """The UART of a labwired simulation as a transport."""

    bytes_per_second = None

    def __init__(self, elf: Path, system: Path, uart: str) -> None:
        import labwired

        self.name = "labwired"
        self._sim = labwired.Sim(elf, system=system, uart=uart)

    def read(self, timeout: float) -> bytes:
        """As link.Transport."""
        end = time.monotonic() + timeout
        while not (data := bytes(self._sim.read_uart_bytes())) and time.monotonic() < end:
            self._sim.run_for("1ms")
        return data

    def write(self, data: bytes) -> None:
        """As link.Transport."""
        self._sim.send_bytes(data)

    def close(self) -> None:
        """As link.Transport."""
        self._sim.close()


def _system(chip: str, changes: dict[str, str], out: Path) -> Path:
    """A system of labwired's `chip` with other facts; an instruction set of another kind has no NVIC."""
    import labwired

    configs = Path(labwired.__file__).parent / "configs"
    text = (configs / "chips" / f"{chip}.yaml").read_text(encoding="utf-8")
    text = text.replace("../peripherals", (configs / "peripherals").as_posix())
    for key, value in changes.items():
        text, count = re.subn(rf"^{key}: .*$", f"{key}: {value}", text, flags=re.MULTILINE)
        assert count == 1
    if changes:
        text = re.sub(r"^core: .*\n", "", text, flags=re.MULTILINE)
        text = re.sub(r'  - id: "(systick|nvic)"\n(    .*\n)+', "", text)
    (out / "chip.yaml").write_text(text, encoding="utf-8")
    system = out / "system.yaml"
    system.write_text('name: "x"\nchip: "chip.yaml"\nexternal_devices: []\nboard_io: []\n', encoding="utf-8")
    return system


def _plainer(name: str, out: Path) -> Path:
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
    if not os.environ.get("CI"):
        pytest.importorskip("labwired")
    chip, uart, changes = COMPOSED[board]
    built = toy.build(str(_plainer(board, tmp_path)), tmp_path / "out")
    image = built.elf.read_bytes()
    assert image.count(_MCOUNTINHIBIT) == (1 if changes else 0)
    elf = tmp_path / "patched.elf"
    elf.write_bytes(image.replace(_MCOUNTINHIBIT, _NOP))
    line = Line(elf, _system(chip, changes, tmp_path), uart)
    with connect(line, expect=toy.EXPECT, timeout=30, limit=30) as device:
        facts = boards.load(board).ticks
        assert (device.hello.tick_unit, device.hello.ticks_hz) == (facts.unit, facts.hz)
        data = bytes(range(toy.SIZE))
        device.write(toy.INPUT, data)
        assert device.run(0, 1) > 64
        assert int.from_bytes(device.read(0, 4), "little") == toy.fold(0, data)
        device.self_test()
        memory = device.memory()
        assert memory.stack_high_water is not None and 50 < memory.stack_high_water < 1000
