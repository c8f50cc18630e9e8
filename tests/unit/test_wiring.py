# SPDX-License-Identifier: Apache-2.0
"""What a board chooses of its chip: taken where the chip can do it, else refused in a sentence that says what
it can.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import zoo
from tests.conftest import lacking
from tinyedge import board as boards
from tinyedge import emit, paths
from tinyedge.board import show, wiring
from tinyedge.errors import UsageError

OF_BLACKPILL = 'uart = { name = "USART1", tx = "PA9", rx = "PA10" }'


def _own(folder: Path, name: str, *changes: tuple[str, str]) -> boards.Board:
    text = show.show(name)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    (folder / "mine.toml").write_text(text, encoding="utf-8")
    return boards.load(folder / "mine.toml")


@pytest.mark.parametrize("name", boards.names())
def test_what_is_shown_is_a_board_to_start_from(name: str, tmp_path: Path) -> None:
    board = _own(tmp_path, name)
    assert board.verified == "untested" and not board.aliases
    told, ours = emit.emit_board(board), emit.emit_board(boards.load(name))
    assert {path for path in told if told[path] != ours[path]} <= {"linker.ld", "linker_flash.ld"}  # its name
    assert told.keys() == ours.keys()


def test_an_stm32f4_of_one_s_own(tmp_path: Path) -> None:
    """Another crystal, another USART, pins on two ports: RM0383's figures for them."""
    board = _own(
        tmp_path,
        "blackpill-f411ce",
        ("{ hz = 25_000_000 }", "{ hz = 8_000_000 }"),
        (OF_BLACKPILL, 'uart = { name = "USART2", tx = "PD5", rx = "PA3" }'),
        ("100_000_000", "84_000_000"),
    )
    told = wiring.defines(board)
    assert told["CRYSTAL_HZ"] % told["PLL_INPUT_HZ"] == 0 and told["PLL_INPUT_HZ"] == 2_000_000
    assert (told["APB1_DIVIDER"], told["APB2_DIVIDER"], told["USART_DIVIDER"]) == (2, 1, 2)
    assert (told["USART"], told["USART_BUS"], told["USART_ENABLE"]) == (0x40004400, 1, 17)
    assert (told["GPIO_TX"], told["PIN_TX"], told["GPIO_RX"], told["PIN_RX"]) == (
        0x40020C00,
        5,
        0x40020000,
        3,
    )
    assert b"#define TE_BOARD_USART_INTERRUPT 38u\n" in emit.emit_board(board)["te_board.h"]


def test_a_smaller_chip_of_the_same_family(tmp_path: Path) -> None:
    """The black pill that is sold with an STM32F401CC: RM0368's 84 MHz of 25 MHz."""
    board = _own(
        tmp_path,
        "blackpill-f411ce",
        ('chip = "stm32f411"', 'chip = "stm32f401"'),
        ("100_000_000", "84_000_000"),
        ("length = 0x0008_0000", "length = 0x0004_0000"),
        ("length = 0x0002_0000", "length = 0x0001_0000"),
    )
    told = wiring.defines(board)
    assert told["CRYSTAL_HZ"] % told["PLL_INPUT_HZ"] == 0 and told["VOS"] == 0x8000
    assert (told["APB1_DIVIDER"], told["APB2_DIVIDER"], told["USART"]) == (2, 1, 0x40011000)


def test_an_ra8m1_of_one_s_own(tmp_path: Path) -> None:
    """A crystal of 24 MHz, a slower clock, the SCI of the kit's first Pmod; the marker on port B."""
    board = _own(
        tmp_path,
        "ek-ra8m1",
        ("{ hz = 20_000_000 }", "{ hz = 24_000_000 }"),
        ("480_000_000", "360_000_000"),
        ('name = "SCI9", tx = "PA14", rx = "PA15"', 'name = "SCI0", tx = "P609", rx = "P610"'),
        ("[memory]", 'marker = "PB07"\n[memory]'),
    )
    told = wiring.defines(board)
    made = 24_000_000 / told["PLL_SOURCE_DIVIDER"] * told["PLL_FACTOR"] / told["PLL_DIVIDER"]
    assert made == 360_000_000 and 6 <= 24 / told["PLL_SOURCE_DIVIDER"] <= 12
    assert (told["SCI"], told["SCI_STOP_BIT"], told["SCI_EVENT"]) == (0x40358000, 31, 0x124)
    assert (told["PLACE_TX"], told["PLACE_RX"], told["FUNCTION_TX"]) == (6 * 16 + 9, 6 * 16 + 10, 4)
    assert (told["MARKER_PLACE"], told["MARKER_SET"]) == (11 * 16 + 7, 0x40400168)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            "esp32p4",
            'tx = "GPIO37"',
            'tx = "GPIO2"',
            "GPIO2 cannot be TX of UART0 on an esp32p4: GPIO37 to 38 can",
        ),
        (
            "esp32p4",
            'tx = "GPIO37", rx = "GPIO38"',
            'tx = "GPIO38", rx = "GPIO37"',
            "UART0 of an esp32p4 is on GPIO37 and GPIO38",
        ),
        ("esp32p4", "[memory]", 'marker = "GPIO4"\n[memory]', "GPIO4 cannot be the marker: no pin can"),
        ("ek-ra8m1", "hz = 20_000_000", "hz = 50_000_000", "an ra8m1 takes a crystal of 8 to 48 MHz"),
        (
            "ek-ra8m1",
            "480_000_000",
            "479_300_000",
            "an ra8m1 makes no 479.3 MHz of a crystal of 20 MHz: the nearest are 475 MHz and 480 MHz",
        ),
        (
            "blackpill-f411ce",
            '"PA9"',
            '"PA2"',
            "PA2 cannot be TX of USART1 on an stm32f411: PA9, PA15 or PB6 can",
        ),
        (
            "blackpill-f411ce",
            '"PA10"',
            '"PA9"',
            "PA9 cannot be RX of USART1 on an stm32f411: PA10, PB3 or PB7 can",
        ),
        (
            "blackpill-f411ce",
            '"USART1"',
            '"USART3"',
            "an stm32f411 has no USART3, but USART1, USART2, USART6",
        ),
        (
            "blackpill-f411ce",
            "hz = 25_000_000",
            "hz = 24_576_000",
            "makes no 100 MHz of a crystal of 24.576 MHz: crystals that go with it have 4, 5, 6, 7, 8, 9, 10",
        ),
        (
            "nucleo-f446re",
            "180_000_000",
            "170_300_000",
            "an stm32f446 makes no 170.3 MHz of a crystal of 8 MHz: the nearest are 170 MHz and 171 MHz",
        ),
        ("blackpill-f411ce", "100_000_000", "168_000_000", "an stm32f411 runs at 100000000 Hz at most"),
        (
            "blackpill-f411ce",
            "length = 0x0008_0000",
            "length = 0x0010_0000",
            "has 524288 bytes at 0x08000000 of fl",
        ),
        ("blackpill-f411ce", "hz = 25_000_000", "hz = 50_000_000", "takes a crystal of 4 to 26 MHz"),
        (
            "blackpill-f411ce",
            "clock_hz = 100_000_000",
            "clock_hz = 96_000_000",
            "the tick counter runs at the CPU's",
        ),
        (
            "blackpill-f411ce",
            'chip = "stm32f411"',
            'chip = "stm32f412"',
            "knows stm32f401, stm32f405, stm32f411, stm32f446, no",
        ),
        (
            "blackpill-f411ce",
            'chip = "stm32f411"\n',
            "",
            "cortex_m/stm32/f4 knows stm32f401, stm32f405, stm32f411, stm32f446",
        ),
        ("blackpill-f411ce", OF_BLACKPILL, "", "an stm32f411 has USART1, USART2, USART6"),
        (
            "rp2040",
            '"GPIO0"',
            '"GPIO4"',
            "GPIO4 cannot be TX of UART0 on an rp2040: GPIO0, GPIO12, GPIO16 or GPIO28",
        ),
        (
            "rp2040",
            "hz = 12_000_000",
            "hz = 16_000_000",
            "the PLL of an rp2040 takes a crystal of 5 to 15 MHz",
        ),
        (
            "rp2040",
            "125_000_000",
            "125_500_000",
            "no 125.5 MHz of a crystal of 12 MHz: the nearest are 125 MHz",
        ),
        (
            "rp2040",
            'chip = "rp2040"',
            'chip = "rp2350"',
            "the port of an rp2350 is cortex_m/rp2350, riscv/rp2350, no",
        ),
        (
            "nrf52840-dk",
            '"P0.06"',
            '"P1.16"',
            "P1.16 cannot be TX of UART0 on an nrf52840: any of P0.00 to P0.31 and",
        ),
        ("nrf52840-dk", "hz = 32_000_000", "hz = 16_000_000", "an nrf52840 takes a crystal of 32 MHz"),
        (
            "esp32c3",
            '"GPIO21"',
            '"GPIO18"',
            "GPIO18 cannot be TX of UART0 on an esp32c3: GPIO0 to 1, GPIO3 to 7",
        ),
        ("esp32c3", '"GPIO21"', '"GPIO20"', "GPIO20 cannot be TX and RX at once"),
        ("esp32c3", "160_000_000", "80_000_000", "the port of an esp32c3 makes 160000000 Hz, nothing else"),
        (
            "blackpill-f411ce",
            "[memory]",
            'marker = "P5"\n[memory]',
            "P5 cannot be the marker: PA0 to PK15, where the package has them, can",
        ),
        (
            "nucleo-u575zi-q",
            "160_000_000",
            "159_500_000",
            "no 159.5 MHz of the internal oscillator: the nearest are 158 MHz and 160 MHz",
        ),
        (
            "nucleo-h743zi2",
            '"PD8"',
            '"PA9"',
            "PA9 cannot be TX of USART3 on an stm32h743: PB10, PC10 or PD8 can",
        ),
        ("nrf52840-dk", "[memory]", 'marker = "P0.06"\n[memory]', "P0.06 is a pin of UART0 already"),
        ("rp2040", "[memory]", 'marker = "GPIO30"\n[memory]', "GPIO30 cannot be the marker: GPIO0 to 29 can"),
        (
            "esp32c3",
            "[memory]",
            'marker = "GPIO18"\n[memory]',
            "GPIO18 cannot be the marker: GPIO0 to 1, GPIO3",
        ),
        ("mps3-an547", "[memory]", 'marker = "PA5"\n[memory]', "has its wiring fixed: it takes no marker"),
        (
            "hifive1-revb",
            "[link]",
            "[crystal]\nhz = 8000000\n\n[link]",
            "has its wiring fixed: it takes no crystal",
        ),
        (
            "mps3-an547",
            'verified = "',
            'chip = "stm32f411"\nverified = "',
            "has its wiring fixed, not stm32f411",
        ),
    ],
)
def test_what_the_chip_cannot_do_is_said_with_what_it_can(
    name: str, old: str, new: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as refused:
        _own(tmp_path, name, (old, new))
    assert str(refused.value).startswith("mine: ") and said in str(refused.value)
    assert refused.value.hint.startswith("set ")


@pytest.mark.parametrize(
    ("name", "pin", "registers"),
    [
        ("nucleo-f446re", "PB4", (0x40020418, 1 << 4, 0x40020418, 1 << 20)),  # BSRR
        ("nucleo-h743zi2", "PB0", (0x58020418, 1, 0x58020418, 1 << 16)),
        ("nrf52840-dk", "P1.03", (0x50000808, 1 << 3, 0x5000080C, 1 << 3)),  # OUTSET, OUTCLR
        ("rp2040", "GPIO15", (0xD0000014, 1 << 15, 0xD0000018, 1 << 15)),
        ("rp2350-riscv", "GPIO15", (0xD0000018, 1 << 15, 0xD0000020, 1 << 15)),
        ("ek-ra8m1", "P107", (0x40400028, 1 << 7, 0x40400028, 1 << 23)),  # PCNTR3
        ("esp32c3", "GPIO4", (0x60004008, 1 << 4, 0x6000400C, 1 << 4)),  # GPIO_OUT_W1TS, _W1TC
        ("esp32s3", "GPIO38", (0x60004014, 1 << 6, 0x60004018, 1 << 6)),  # GPIO_OUT1_W1TS, _W1TC
    ],
)
def test_a_marker_is_a_word_to_write_for_high_and_one_for_low(
    name: str, pin: str, registers: tuple[int, ...], tmp_path: Path
) -> None:
    told = wiring.defines(_own(tmp_path, name, ("[memory]", f'marker = "{pin}"\n[memory]')))
    found = [told[f"MARKER_{key}"] for key in ("SET", "SET_BITS", "CLEAR", "CLEAR_BITS")]
    assert tuple(found) == registers
    assert "MARKER_SET" not in wiring.defines(boards.load(name))


def test_a_board_that_no_test_boots_has_the_code_of_one_that_is_booted() -> None:
    """`verified = "emulated"` of the boards that test_boards.py leaves out: the same sources, to the byte."""
    apart = [boards.load(name) for name in zoo.boards_apart()]
    left = [boards.load(name) for name in boards.names() if name not in zoo.boards_apart()]
    assert left
    for board in left:
        like = next(
            one for one in apart if (one.core, one.port, one.chip) == (board.core, board.port, board.chip)
        )
        told, theirs = emit.emit_board(board), emit.emit_board(like)
        same = all(told[path] == theirs[path] for path in told if not path.startswith("linker"))
        assert board.emulator == like.emulator or board.emulator is None, board.name
        assert same or board.verified != "emulated", board.name
        assert board.verified in (like.verified, "untested"), board.name


def test_a_chip_of_one_s_own_lies_beside_the_board(tmp_path: Path) -> None:
    """A sister chip with less memory is a file, and no change of tinyedge."""
    ours = paths.firmware() / "ports" / "cortex_m" / "stm32" / "f4" / "chips" / "stm32f411.toml"
    chips = tmp_path / "cortex_m" / "stm32" / "f4" / "chips"
    chips.mkdir(parents=True)
    changed = ours.read_text(encoding="utf-8").replace("clock_hz = 100_000_000", "clock_hz = 84_000_000")
    (chips / "stm32f401.toml").write_text(changed, encoding="utf-8")
    change = ('chip = "stm32f411"', 'chip = "stm32f401"')
    with pytest.raises(UsageError, match="an stm32f401 runs at 84000000 Hz at most"):
        _own(tmp_path, "blackpill-f411ce", change)
    slower = _own(tmp_path, "blackpill-f411ce", change, ("100_000_000", "84_000_000"))
    assert wiring.defines(slower)["PLL_INPUT_HZ"] == 1_000_000
    (chips / "stm32f401.toml").write_text(changed.replace('"stm32f4"', '"os"'), encoding="utf-8")
    with pytest.raises(
        UsageError,
        match=r"stm32f401\.toml: wiring = 'os' is none of esp, nrf52, nrf_uarte, ra8, rp2, stm32f4, stm32f",
    ):
        _own(tmp_path, "blackpill-f411ce", change)


def test_addresses_are_those_of_the_vendors(tmp_path: Path) -> None:
    """Registers of the chips' files against labwired's tables, which are made of the vendors' SVD files."""
    labwired = _labwired()
    for chip, registers in (("esp32c3", ("gpio", "io_mux")), ("esp32c6", ("gpio", "io_mux"))):
        described = _yaml(labwired / "chips" / f"{chip}.yaml")
        bases = {one["id"]: one["base_address"] for one in described["peripherals"]}
        told = wiring.defines(boards.load(chip))
        assert [bases[name] for name in registers] == [told["GPIO"], told["IO_MUX"]]
        gpio = _yaml(labwired / "peripherals" / chip / "gpio.yaml")
        known = {one["id"]: one for one in gpio["registers"]}
        first = next(one for name, one in known.items() if name.startswith("FUNC0") and "IN_SEL" in name)
        select = next(field for field in first["fields"] if field["name"] == "SEL")
        enable = next(f for f in known["FUNC0_OUT_SEL_CFG"]["fields"] if f["name"] == "OEN_SEL")
        assert select["bit_range"] == 2 * [told["GPIO_SELECT"]]
        assert enable["bit_range"] == 2 * [told["GPIO_ENABLE"]]
        offsets = (first["address_offset"], known["FUNC0_OUT_SEL_CFG"]["address_offset"])
        assert (*offsets, known["ENABLE_W1TS"]["address_offset"]) == (0x154, 0x554, 0x24)
    described = _yaml(labwired / "chips" / "stm32f411ceu6.yaml")
    bases = {one["id"].upper(): one["base_address"] for one in described["peripherals"]}
    facts = wiring.find(boards.load("blackpill-f411ce"))
    assert facts is not None
    uarts = facts.model_dump()["uarts"]
    assert {name: bases[name] for name in uarts} == {name: uart["address"] for name, uart in uarts.items()}


def _yaml(file: Path) -> Any:
    return yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)


def _labwired() -> Path:
    spec = importlib.util.find_spec("labwired")
    if spec is None or spec.origin is None:
        lacking("labwired is not installed")
    return Path(spec.origin).parent / "configs"
