# SPDX-License-Identifier: Apache-2.0
"""Takes a model's C and a core, gives what it takes of flash and stack there: compiled, linked and read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tinyedge import emit, paths, toolchain
from tinyedge.board import Board, Core, Link, Memory, Ticks
from tinyedge.board.facts import Region
from tinyedge.errors import TinyedgeError
from tinyedge.plan import Plan
from tinyedge.plan.spending import Taken
from tinyedge.text import template
from tinyedge.toolchain import describe
from tinyedge.toolchain.image import Image

_BIG = 1 << 26  # bytes of flash and of RAM: room for any model, since only its size is asked for
_STACK = 1 << 20
# What stands for a C library and for a compiler's own, on cores that need one.
_RUNTIME = ("memory.c", "aeabi.c", "armv6m.c", "bytes.h", "hal.h")
_ENTRY = """#include "{prefix}.h"

static _Alignas(16) uint8_t arena_memory[{upper}_ARENA_SIZE];
{state}
void reset_handler(void);
void reset_handler(void) {{ {run} }}

__attribute__((used, section(".vectors"))) static void (*const vectors[2])(void) = {{0, reset_handler}};
"""
_STATE = "static _Alignas(16) uint8_t state_memory[{upper}_STATE_SIZE];"
_RUN = "{prefix}_run(arena_memory);"
_RUN_WITH_STATE = "{prefix}_reset(state_memory); {prefix}_run(arena_memory, state_memory);"


@dataclass(frozen=True)
class Figures:
    """Bytes on `core` by `compiler`; all None where `missing` says why there are none.

    code: the model's and its kernels'. constants: what was prepared at build time. weights: the network's.
    stack: the deepest that one inference gets, None where unknown.
    """

    core: str
    compiler: str = ""
    code: int | None = None
    constants: int | None = None
    weights: int | None = None
    stack: int | None = None
    missing: str = ""

    @property
    def flash(self) -> int | None:
        """All that the model takes of flash, in bytes."""
        parts = (self.code, self.constants, self.weights)
        return None if None in parts else sum(part or 0 for part in parts)


def measure(plan: Plan, model: Mapping[str, bytes], prefix: str, core: Core) -> Figures:
    """Build `model` (the files of emit.emit_model) for `core` with nothing around it; look at the image."""
    try:
        return _figures(_image(plan, model, prefix, core), core)
    except TinyedgeError as error:
        # No compiler, or none of its libraries here: the user's own tree has both.
        return Figures(core.name, missing=str(error))


def taken(plan: Plan, model: Mapping[str, bytes], prefix: str, core: Core) -> Taken:
    """As `measure`, what it takes of flash; raises what a compiler raises."""
    image = _image(plan, model, prefix, core)
    return Taken(_figures(image, core).flash or 0, *describe.code(image, prefix))


def _image(plan: Plan, model: Mapping[str, bytes], prefix: str, core: Core) -> Image:
    words = {"prefix": prefix, "upper": prefix.upper()}
    words["state"] = _STATE.format(**words) if plan.state_size else ""
    words["run"] = (_RUN_WITH_STATE if plan.state_size else _RUN).format(**words)
    board = bare(core)
    found = [file for name in _RUNTIME if (file := paths.firmware() / "runtime" / name).is_file()]
    files = {
        **model,
        **{f"runtime/{file.name}": file.read_bytes() for file in found},
        "ports/export/hal_port.h": b"#define HAL_FREESTANDING 1\n",
        "entry.c": _ENTRY.format(**words).encode(),
        "linker.ld": template.render("linker.ld.j2", board=board).encode(),
    }
    unit = f"{prefix}.c"
    units = ("entry.c", unit, *(f"runtime/{file.name}" for file in found if file.suffix == ".c"))
    level = "speed" if plan.fast else "size"
    sources = emit.Sources(files, units, {unit: level}, replace(plan.options, compiler=None), "", (prefix,))
    with paths.temporary() as folder:
        return toolchain.compile(sources, board, folder / "image")


def _figures(image: Image, core: Core) -> Figures:
    parts = {part: sizes["flash"] for part, sizes in image.by_part().items()}
    return Figures(
        core.name,
        image.compiler,
        sum(parts.get(part, 0) for part in ("model", "kernels", "library")),
        parts.get("constants", 0),
        parts.get("weights", 0),
        image.stack.bytes,
    )


def bare(core: Core) -> Board:
    """A board of nothing but a core and memory."""
    memory = Memory(
        flash=Region(origin=0x1000_0000, length=_BIG),
        ram=Region(origin=0x2000_0000, length=_BIG),
        stack=_STACK,
    )
    return Board(
        name=core.name,
        description=core.description,
        core=core,
        port="export",
        verified="untested",
        memory=memory,
        link=Link(transport="none"),
        ticks=Ticks(unit="cycles", hz=1, per_tick=1.0, source="none"),
    )
