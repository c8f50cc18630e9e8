# SPDX-License-Identifier: Apache-2.0
"""Takes the folder of a build, gives where its flash and RAM go: by part, by layer, by symbol."""

from __future__ import annotations

from pathlib import Path

import click

from tinyedge.console import Console, with_console

_BAR = 24


@click.command()
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--symbols", default=20, show_default=True, help="How many of the largest symbols to list.")
@with_console
def command(console: Console, folder: Path | None, symbols: int) -> None:
    """Show flash and RAM of a build by part, layer and symbol (DIR: build/BOARD of tinyedge.toml)."""
    from tinyedge.build import Build
    from tinyedge.errors import Unsupported
    from tinyedge.toolchain import describe, image

    folder = folder or _only_build()
    built = image.open_built(folder)
    build = Build.read(folder)
    of_layers = describe.flash_by_layer(build, built.symbols)
    layers = [(layer.name, layer.op, size) for layer, size in zip(build.layers, of_layers, strict=True)]
    parts = built.by_part()
    if built.flash is None or built.ram is None:
        raise Unsupported(
            f"{built.elf}: {built.stack.reason}", "build for a board: `tinyedge build --board B`"
        )
    flash, ram = built.flash, built.ram
    console.say(f"{built.elf}: {flash:,} bytes of flash, {ram:,} bytes of RAM ({built.compiler})")
    if built.stack.bytes is not None:
        console.say(f"stack: at most {built.stack.bytes:,} of {built.stack_size or 0:,} bytes reserved")
    else:
        console.say(f"stack: no bound, {built.stack.reason}")
    console.table(
        ("part", "flash", "", "RAM", ""),
        [
            (part, size["flash"], _bar(size["flash"], flash), size["ram"], _bar(size["ram"], ram))
            for part, size in parts.items()
        ],
    )
    most = max(of_layers, default=0)
    console.table(
        ("layer", "kind", "flash", ""),
        [(name, op, size, _bar(size, most)) for name, op, size in layers],
    )
    largest = sorted(built.symbols, key=lambda symbol: (-max(symbol.flash, symbol.ram), symbol.name))
    console.table(
        ("symbol", "part", "section", "flash", "RAM"),
        [(s.name, s.part, s.section, s.flash, s.ram) for s in largest[:symbols]],
        title=f"the {min(symbols, len(largest))} largest of {len(largest)} symbols",
    )
    console.finish(
        {
            "flash": built.flash,
            "ram": built.ram,
            "stack": {"reserved": built.stack_size, "bound": built.stack.bytes, "reason": built.stack.reason},
            "stack_path": [{"function": name, "bytes": size} for name, size in built.stack.path],
            "parts": parts,
            "layers": [{"name": name, "op": op, "flash": size} for name, op, size in layers],
            "symbols": [
                {"name": s.name, "part": s.part, "section": s.section, "flash": s.flash, "ram": s.ram}
                for s in largest
            ],
        }
    )


def _only_build() -> Path:
    """The build of the project's board, else the only one."""
    from tinyedge import board as boards
    from tinyedge import project
    from tinyedge.errors import UsageError

    file = project.find()
    board = project.load(file).board if file is not None else None
    folder = None if board is None else Path("build") / boards.load(board).name
    if folder is not None and (folder / "build.json").is_file():
        return folder
    found = sorted(file.parent for file in Path("build").glob("*/build.json"))
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError("there is no build below build/", "run `tinyedge build` first, or name a folder")
    raise UsageError(f"there are {len(found)} builds below build/", f"name one: {', '.join(map(str, found))}")


def _bar(size: int, whole: int) -> str:
    return "#" * round(_BAR * size / whole) if whole else ""
