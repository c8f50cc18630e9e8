# SPDX-License-Identifier: Apache-2.0
"""Takes nothing, gives the list of boards and what of them is here; or a board's name, gives its TOML."""

from __future__ import annotations

from typing import Any

import click

from tinyedge.console import Console, with_console


@click.command()
@click.option("--show", metavar="NAME", help="Print a board as a TOML to start one of your own from.")
@with_console
def command(console: Console, show: str | None) -> None:
    """List the boards, and whether their compiler and emulator are installed."""
    if show is not None:
        from tinyedge.board.show import show as text_of

        text = text_of(show)
        if not console.json:
            click.echo(text, nl=False)
        console.finish({"board": show, "toml": text})
        return
    _list(console)


def _list(console: Console) -> None:
    from tinyedge import board as boards
    from tinyedge.toolchain import compilers, emulators

    found: list[dict[str, Any]] = []
    for name in boards.names():
        board = boards.load(name)
        found.append(
            {
                "name": name,
                "aliases": board.aliases,
                "description": board.description,
                "core": board.core.name,
                "verified": board.verified,
                "clock_hz": board.clock_hz,
                "flash": board.memory.flash.length if board.memory else None,
                "ram": board.memory.ram.length if board.memory else None,
                "compilers": {
                    known: compilers.missing(board, known) is None for known in board.core.compilers
                },
                "emulator": emulators.missing(board) is None if board.emulator else None,
                "flasher": board.flasher.method if board.flasher else None,
            }
        )
    columns = (
        "board",
        "core",
        "clock",
        "flash",
        "RAM",
        "verified",
        "compilers",
        "emulator",
        "flasher",
        "what it is",
    )
    rows = []
    for facts in found:
        clock = f"{facts['clock_hz'] / 1e6:g} MHz" if facts["clock_hz"] else None
        here = ", ".join(known for known, installed in facts["compilers"].items() if installed) or "missing"
        emulator = {None: None, True: "found", False: "missing"}[facts["emulator"]]
        sizes = (_kib(facts["flash"]), _kib(facts["ram"]))
        words = (facts["verified"], here, emulator, facts["flasher"], facts["description"])
        names = ", ".join((facts["name"], *facts["aliases"]))
        rows.append((names, facts["core"], clock, *sizes, *words))
    console.table(columns, rows)
    console.finish({"boards": found})


def _kib(size: int | None) -> str | None:
    return f"{size / 1024:g} KiB" if size else None
