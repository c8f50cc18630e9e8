# SPDX-License-Identifier: Apache-2.0
"""Takes a build and the port of a unit that runs it, says whether its world has changed."""

from __future__ import annotations

from pathlib import Path

import click

from tinyedge.console import Console, with_console


@click.command()
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--port", "-p", metavar="PORT", required=True, help="Device, glob, VID:PID or URL.")
@click.option("--board", "-b", metavar="B", help="Default: the build's, or the board of tinyedge.toml.")
@with_console
def command(console: Console, folder: Path | None, port: str, board: str | None) -> int:
    """Ask a unit for the counters of its `drift` stages, and compare them with what was learnt.

    The population stability index is below 0.1 where nothing changed, above 0.25 where much did: then the
    exit code is 1. Counters begin at 0 when the unit starts; asking does not disturb them.
    """
    from dataclasses import asdict

    from tinyedge import board as boards
    from tinyedge import pipeline, project
    from tinyedge.build import Build
    from tinyedge.errors import UsageError
    from tinyedge.judge import drifting
    from tinyedge.transport import serial

    file = project.find()
    known = board or (project.load(file).board if file is not None else None)
    if folder is None:
        if known is None:
            raise UsageError("no build is given", "name its folder: `tinyedge drift build/BOARD -p PORT`")
        folder = Path("build") / boards.load(known).name
    build = Build.read(folder)
    if build.decision is None or not build.decision.counters:
        raise UsageError(f"the build in {folder} counts nothing", 'add a stage `block = "drift"`')
    place = port if "://" in port else serial.resolve(port)
    with pipeline.connect(folder, place, boards.load(known or build.board), build) as device:
        found = drifting.of(build, lambda slot: slot.read(device))
    console.table(["counted", "stability index"], [(each.of, each.words) for each in found], build.model.name)
    for each in found:
        total = max(1, sum(each.counts))
        pairs = zip(each.counts, each.expected, strict=True)
        shares = [f"{count / total:.0%} ({wanted:.0%})" for count, wanted in pairs]
        console.say(f"{each.of}, share of each bin (learnt): {', '.join(shares)}")
    console.finish({"drift": [asdict(each) for each in found]})
    return int(any(each.index is not None and each.index > drifting.CHANGED for each in found))
