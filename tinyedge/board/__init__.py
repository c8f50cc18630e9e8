# SPDX-License-Identifier: Apache-2.0
"""Takes a board's name or TOML file, gives the Board: facts only, checked key by key."""

from __future__ import annotations

import difflib
import re
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, ValidationError, model_validator

from tinyedge import paths
from tinyedge.board import facts as toml
from tinyedge.board import own, wiring
from tinyedge.board.facts import NAME, Count, Facts, Folder, Kind, Name, Positive, Region
from tinyedge.errors import UsageError

_Isa = Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]


class Memory(Facts):
    """Where an image lies. `stack` (bytes, a multiple of 8) is taken from the start of `ram`.

    With `code`, a boot ROM loads the image into RAM before it starts: code into `code`, constants and
    initialised data into `ram`. What the model is made of then goes to `flash`, where the core sees flash
    through a cache, when `ram` is too small for it.
    """

    flash: Region
    ram: Region
    stack: Annotated[int, Field(gt=0, multiple_of=8)]
    code: Region | None = None

    @model_validator(mode="after")
    def _stack_fits(self) -> Self:
        if self.stack >= self.ram.length:
            raise ValueError(f"stack of {self.stack} bytes leaves nothing of {self.ram.length} bytes of ram")
        return self


class CompilerFacts(Facts):
    """How one compiler is called for a core.

    `{zig}` and `{zig_lib}` stand for the zig program and its library folder. `linker` is `command` where it
    is not given; process/packages.py knows what installs them. `places` are folders to look in beside PATH,
    as patterns (`~/tools/*/bin`). With `if_installed` it is the default only where it is there already.
    """

    command: tuple[str, ...]
    flags: tuple[str, ...]
    link: tuple[str, ...]
    linker: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    if_installed: bool = False


class Core(Facts):
    """A processor core, shared by the boards that have it (boards/cores/<name>.toml).

    `isa` are the folders of firmware/kernels/ to try before `portable`, best first. `instructions` names the
    decoder that finds calls in an image (None: no stack bound). `exception_frame` is what the core pushes on
    the stack at an exception, in bytes.
    """

    name: Name
    description: str
    isa: tuple[_Isa, ...]
    compilers: Annotated[dict[str, CompilerFacts], Field(min_length=1)]
    instructions: Literal["thumb", "riscv", "xtensa"] | None = None
    exception_frame: Count = 0


class Unit(Facts):
    """What one tick of the firmware's counter stands for: `per_tick` of `unit`, as `source` says."""

    unit: Literal["instructions", "cycles", "ns"]
    per_tick: Annotated[float, Field(gt=0)]
    source: str


class Ticks(Unit):
    """What the firmware's tick counter counts: `hz` ticks a second."""

    hz: Positive


class Emulator(Facts):
    """The program that stands in for the board; `{elf}` and `{serial}` are filled in.

    `ticks`: what it makes of the firmware's counter, where that is not what the board makes of it. `lacks`:
    kernel folders of the core whose instructions it does not have.
    """

    command: Annotated[tuple[str, ...], Field(min_length=1)]
    ticks: Unit | None = None
    lacks: tuple[_Isa, ...] = ()


class Link(Facts):
    """How the host talks to the board.

    `transport` is the file of tinyedge/transport/ that starts the board's emulator. `baud` (bit/s) is what
    the firmware sets its UART to. `usb` are the VID:PID, in hexadecimal, of what the board is plugged in by.
    `reset`: which lines of the port restart the chip, "dtr-rts" as on the boards that esptool resets.
    """

    transport: str
    baud: Positive | None = None
    usb: tuple[Annotated[str, Field(pattern="^[0-9a-f]{4}:[0-9a-f]{4}$")], ...] = ()
    reset: Literal["dtr-rts"] | None = None


class Crystal(Facts):
    """What the chip's clock is made of, in Hz; `bypass`: a clock from outside, as an ST-LINK gives, no
    crystal.
    """

    hz: Positive
    bypass: bool = False


class Uart(Facts):
    """The UART that is the line, and its pins, by the names that the chip's manual has for them."""

    name: Name
    tx: Name
    rx: Name


class Keys(Facts):
    """The keys of a format in [image] or a method in [flasher], beside its name; each has its own class."""


class ImageFacts(Facts):
    """What goes onto the board: `format` is a file of tinyedge/images/, which checks the other keys."""

    model_config = ConfigDict(extra="allow")

    format: str


class Flasher(Facts):
    """How it gets there: `method` is a file of tinyedge/flash/, which checks the other keys."""

    model_config = ConfigDict(extra="allow")

    method: str


class Board(Facts):
    """What tinyedge knows of a board; `name` is the file's name, and `aliases` are others that find it.

    `port` is a folder of firmware/ports/, or below `folder`, where the board's file is when it is none of
    ours; files in the folders above it are the port's too, and so are those of `drivers`, folders that chips
    with different cores share (port.files() has them all). `chip` is a file of `chips/` in one of these
    folders: what the chip can do, where boards choose among it by `crystal`, `uart` and `marker`, the pin
    that is high while a model runs (wiring/). `verified` says how far the board was tried: "emulated" (runs
    in the tests), "image-checked" (another tool accepted the image), "untested". `memory` and `clock_hz` are
    None where the operating system manages them. Without `image` the ELF itself goes onto the board;
    without `flasher` tinyedge cannot put it there.
    """

    name: Name
    description: str
    aliases: tuple[Name, ...] = ()
    core: Core
    port: Folder
    drivers: tuple[Folder, ...] = ()
    chip: Name | None = None
    crystal: Crystal | None = None
    uart: Uart | None = None
    marker: Name | None = None
    verified: Literal["emulated", "image-checked", "untested"]
    clock_hz: Positive | None = None
    memory: Memory | None = None
    emulator: Emulator | None = None
    image: ImageFacts | None = None
    flasher: Flasher | None = None
    link: Link
    ticks: Ticks
    # Where a build was made from is no matter of what was built.
    folder: Annotated[Path | None, Field(exclude=True)] = None

    @property
    def port_folders(self) -> tuple[str, ...]:
        """The folders whose files make up the port, the chip's own first."""
        parts = self.port.split("/")
        return *("/".join(parts[:count]) for count in range(len(parts), 0, -1)), *self.drivers

    def clock(self, emulated: bool) -> Ticks:
        """What the firmware's tick counter counts on the board itself, or on its emulator.

        The image is the same on both, so the firmware cannot tell; whoever started the emulator can.
        """
        if not emulated or self.emulator is None or self.emulator.ticks is None:
            return self.ticks
        return Ticks(hz=self.ticks.hz, **self.emulator.ticks.model_dump())

    @property
    def isa(self) -> tuple[str, ...]:
        """The kernel folders to try before `portable`, best first."""
        return self.core.isa

    @property
    def emulated(self) -> Board:
        """The board as its emulator is one: without the kernels whose instructions that lacks."""
        lacks = () if self.emulator is None else self.emulator.lacks
        isa = tuple(folder for folder in self.isa if folder not in lacks)
        return self.model_copy(update={"core": self.core.model_copy(update={"isa": isa})})


def names() -> list[str]:
    """The names of the boards that tinyedge brings, sorted."""
    return sorted(file.stem for file in paths.boards().glob("*.toml"))


def cores() -> list[str]:
    """The names of the processor cores that tinyedge knows, sorted."""
    return sorted(file.stem for file in (paths.boards() / "cores").glob("*.toml"))


def core(name: str) -> Core:
    """Load a core that tinyedge brings; UsageError when there is none of that name."""
    if name not in cores():
        raise UsageError(f"there is no core {name!r}", f"cores: {', '.join(cores())}")
    return _core(name, paths.boards() / "board.toml")


def load(name: str | Path) -> Board:
    """Load a board that tinyedge brings by its name, or any other from the path of its TOML file.

    A file's core is looked for in `cores/` beside it, then among ours. UsageError names the file and the key,
    also where a file of the user's own would have a command run that is none of ours (own.py).
    """
    file = Path(name)
    if file.suffix != ".toml":
        return _ours(file_of(str(name)))
    if not file.is_file():
        raise UsageError(
            f"there is no board file {file}", "`tinyedge boards --show NAME` prints one to start from"
        )
    board = _load(file)
    if board.folder is not None:
        own.check_board(board, file, map(load, names()))
    return board


@cache
def _ours(file: Path) -> Board:
    return _load(file)


def _load(file: Path) -> Board:
    facts = toml.read(file)
    core = facts.get("core")
    if isinstance(core, str):
        facts["core"] = _core(core, file)
    if not re.fullmatch(NAME, file.stem):
        raise UsageError(f"{str(file)!r} has a name that is not plain", "letters, digits, `_`, `-`, `.`")
    for key in ("name", "folder"):
        if key in facts:
            raise UsageError(f"{file}: {key}: Extra inputs are not permitted", "`tinyedge docs boards`")
    folder = None if file.resolve().parent == paths.boards().resolve() else file.resolve().parent
    board = toml.check(Board, {**facts, "name": file.stem}, file).model_copy(update={"folder": folder})
    wiring.defines(board)
    return board


def _known(name: str) -> str:
    """The name of the board that `name`, perhaps an alias, stands for."""
    if name in names():
        return name
    for file in sorted(paths.boards().glob("*.toml")):
        if name in toml.read(file).get("aliases", ()):
            return file.stem
    raise _unknown(name)


def file_of(name: str) -> Path:
    """The file of a board that tinyedge brings, by its name or an alias; UsageError when there is none."""
    return paths.boards() / f"{_known(name)}.toml"


def keys(board: Board, table: Literal["image", "flasher"], kind: type[Kind]) -> Kind:
    """The keys of the format in [image] or the method in [flasher]; UsageError names a wrong one."""
    facts: ImageFacts | Flasher | None = getattr(board, table)
    assert facts is not None
    try:
        return kind.model_validate(facts.model_extra)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in (table, *first["loc"]))
        raise UsageError(
            f"{board.name}: {key}: {first['msg']}", f"`tinyedge docs boards` has the keys of [{table}]"
        ) from error


def _core(name: str, board_file: Path) -> Core:
    ours = paths.boards() / "cores"
    for folder in (board_file.parent / "cores", ours) if re.fullmatch(NAME, name) else ():
        file = folder / f"{name}.toml"
        if file.is_file():
            found = toml.check(Core, {**toml.read(file), "name": name}, file)
            if folder.resolve() != ours.resolve():
                own.check_core(found, file, map(core, cores()))
            return found
    raise UsageError(f"{board_file}: core: there is no core {name!r}", f"cores: {', '.join(cores())}")


def _unknown(name: str) -> UsageError:
    boards = {one: load(one) for one in names()}
    word = re.sub(r"[^a-z0-9]", "", name.lower())
    # By its chip, or by a part of the name, before by likeness: stm32f411 is no stm32n6.
    close = [
        one
        for one, board in boards.items()
        if len(word) > 2
        and any(
            word in known or known in word
            for known in (
                re.sub(r"[^a-z0-9]", "", text) for text in (one, board.chip, *board.aliases) if text
            )
        )
    ]
    close = close or difflib.get_close_matches(name, names(), n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(close)}?" if close else f"boards: {', '.join(names())}"
    return UsageError(f"there is no board {name!r}", hint)
