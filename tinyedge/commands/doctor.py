# SPDX-License-Identifier: Apache-2.0
"""Takes a board or none, gives what is missing for it on this machine and the commands that install it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from tinyedge.console import Console, with_console

if TYPE_CHECKING:
    from tinyedge.bench.needs import Need


@click.command()
@click.option("--board", metavar="B", help="Look at this board only; fail when it lacks something it needs.")
@click.option("--onnx", is_flag=True, help="Look at what .onnx files need, not at every board.")
@click.option("--fix", is_flag=True, help="Install what is needed and missing, after asking.")
@click.option("--yes", is_flag=True, help="With --fix: do not ask.")
@with_console
def command(console: Console, board: str | None, onnx: bool, fix: bool, yes: bool) -> None:
    """Tell what is missing, and the exact command that installs it."""
    from tinyedge.errors import ToolMissing, UsageError

    if yes and not fix:
        raise UsageError("--yes means nothing without --fix", "add --fix")
    found = _look(board, onnx)
    _show(console, found)
    lacking = [need for need in found if need.needed and need.install]
    if fix and lacking:
        _install(console, lacking, yes)
        found = _look(board, onnx)
        lacking = [need for need in found if need.needed and need.install]
        console.say("nothing that is needed is missing now" if not lacking else "still missing:")
        if lacking:
            _show(console, lacking)
    if lacking and (board or fix or onnx):
        first = lacking[0]
        raise ToolMissing(f"{first.board} lacks: {first.what}", f"run: {first.install}")
    checks = [{**asdict(need), "found": need.install is None} for need in found]
    console.finish({"checks": checks, "ok": not lacking})


def _look(board: str | None, onnx: bool) -> list[Need]:
    from tinyedge import board as boards
    from tinyedge.bench import needs

    names = [board] if board else [] if onnx else boards.names()
    found = [need for name in names for need in needs.of(boards.load(name))]
    if onnx:
        return found + needs.of_onnx()
    return found if board else found + needs.of_models()


def _show(console: Console, found: list[Need]) -> None:
    console.table(
        ("board", "what", "here", "", "to install"),
        [
            (
                need.board,
                need.what,
                "missing" if need.install else "found",
                "needed" if need.needed else "optional",
                need.install or "",
            )
            for need in found
        ],
    )


def _asked(line: str) -> bool:
    from tinyedge.errors import UsageError

    try:
        return click.confirm(f"run: {line}", err=True)
    except click.Abort:  # no answer comes: a CI, a container
        raise UsageError(
            "--fix asks before it runs anything, and nobody is there to answer", "--fix --yes"
        ) from None


def _install(console: Console, lacking: list[Need], yes: bool) -> None:
    import shlex

    from tinyedge.bench import needs

    steps = needs.commands(lacking)
    console.say("to install what is missing:")
    for step in steps:  # all of them before the first is run
        console.say(f"  {shlex.join(step)}")
    for step in steps:
        line = shlex.join(step)
        if not yes and not _asked(line):
            console.say(f"not run: {line}")
            continue
        console.say(f"running: {line}")
        needs.run(step)
