# SPDX-License-Identifier: Apache-2.0
"""Takes a board or none, gives what is missing for it on this machine and the commands that install it."""

from __future__ import annotations

import click

from tinyedge.console import Console, with_console


@click.command()
@click.option(
    "--board", metavar="B", help="Look at this board only, and fail when something it needs is missing."
)
@with_console
def command(console: Console, board: str | None) -> None:
    """Tell what is missing, and the exact command that installs it."""
    import importlib.util

    from tinyedge import board as boards
    from tinyedge.errors import ToolMissing
    from tinyedge.toolchain import compilers, emulators

    checks = []
    for name in [board] if board else boards.names():
        facts = boards.load(name)
        # A second compiler is the user's choice; the default one is needed.
        for known in facts.core.compilers:
            install = compilers.missing(facts, known)
            checks.append(_check(facts.name, f"compiler {known}", known == compilers.DEFAULT, install))
        if facts.emulator:
            program = facts.emulator.command[0].replace("{elf}", "this machine")
            checks.append(_check(facts.name, f"emulator {program}", True, emulators.missing(facts)))
    if not board:
        packages = all(importlib.util.find_spec(name) for name in ("tensorflow", "tf_keras"))
        install = None if packages else "pip install 'tinyedge[keras]'"
        checks.append(_check("any", "TensorFlow (.keras, .h5, SavedModel)", False, install))
    words = {True: "found", False: "missing"}
    rows = [
        (
            c["board"],
            c["what"],
            words[bool(c["found"])],
            "needed" if c["needed"] else "optional",
            c["install"] or "",
        )
        for c in checks
    ]
    console.table(("board", "what", "here", "", "to install"), rows)
    lacking = [check for check in checks if check["needed"] and not check["found"]]
    if board and lacking:
        first = lacking[0]
        raise ToolMissing(f"{board} lacks: {first['what']}", f"run: {first['install']}")
    console.finish({"checks": checks, "ok": not lacking})


def _check(board: str, what: str, needed: bool, install: str | None) -> dict[str, object]:
    return {"board": board, "what": what, "needed": needed, "found": install is None, "install": install}
