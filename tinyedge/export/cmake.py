# SPDX-License-Identifier: Apache-2.0
"""Takes a Library, gives a CMake project: a target to link, an example as a test, toolchains to run it."""

from __future__ import annotations

from tinyedge import board as boards
from tinyedge import text
from tinyedge.board import Board
from tinyedge.export._library import Library

DESCRIPTION = "CMake project to add_subdirectory()"

# The emulated board on which the toolchain file of a core runs the example.
_BOARDS = {
    "cortex-m4": "mps2-an386",
    "cortex-m33": "mps2-an505",
    "cortex-m55": "mps3-an547",
    "rv32imc": "qemu-virt-rv32",
}
_PACKAGES = {
    "thumb": text.code("gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm"),
    "riscv": text.code("gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf qemu-system-misc"),
}


def files(library: Library) -> dict[str, str]:
    """The project; a toolchain file for the library's core, or for some of each kind when it is for any."""
    cores = [core for core in _BOARDS if library.core is None or core == library.core.name]
    shown = [boards.load(_BOARDS[core]) for core in cores]
    found = {
        "CMakeLists.txt": library.render("cmake/CMakeLists.txt.j2"),
        "README.md": library.render(
            "cmake/README.md.j2",
            toolchains=[(board.core.name, _machine(board)) for board in shown],
            packages=sorted(
                {_PACKAGES[board.core.instructions] for board in shown if board.core.instructions}
            ),
        ),
        "example/main.c": library.render("common/main.c.j2"),
        **library.placed("include", "src"),
        **{f"example/{path}": text for path, text in library.check_files().items()},
    }
    for board in shown:
        found |= _toolchain(library, board)
    return found


def _toolchain(library: Library, board: Board) -> dict[str, str]:
    core = board.core
    thumb = core.instructions == "thumb"
    kinds = {"arm.cmake": f"{core.name}.cmake", "arm.ld": f"{core.name}.ld", "cortex_m.c": "cortex_m.c"}
    kinds = kinds if thumb else {"riscv.cmake": f"{core.name}.cmake"}
    flags = [flag for flag in core.compilers["gcc"].flags if flag.startswith("-m")]
    return {
        f"toolchains/{target}": library.render(
            f"cmake/toolchains/{source}.j2",
            target=core,
            machine=_machine(board),
            memory=board.memory,
            flags=flags,
        )
        for source, target in kinds.items()
    }


def _machine(board: Board) -> str:
    words = board.emulator.command if board.emulator else ()
    return words[words.index("-M") + 1]
