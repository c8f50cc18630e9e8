# SPDX-License-Identifier: Apache-2.0
"""Takes a model and a board, shows where the time goes, by layer; or two profiles, shows what changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tinyedge.commands._job import with_compiler, with_job_unless
from tinyedge.console import Console, with_console

if TYPE_CHECKING:
    from tinyedge.commands._job import Job
    from tinyedge.judge.profile import Profile

_BAR = 24
_PATH = click.Path(path_type=Path)


@click.command()
@with_job_unless("compare")
@click.option("--port", "-p", metavar="PORT", help="Device, glob, VID:PID or URL. Default: emulator.")
@click.option("--baud", type=click.IntRange(min=1), metavar="BAUD", help="Of the line, in bit/s.")
@click.option("--no-flash", is_flag=True, help="Profile what the board runs; never write to it.")
@click.option("--runs", type=click.IntRange(min=1), default=10, show_default=True, help="Of each layer.")
@with_compiler
@click.option("--output", "-o", type=_PATH, metavar="DIR", help="Default: build/BOARD.")
@click.option(
    "--html", type=_PATH, metavar="F", help="Write a page with a picture, that needs no other file."
)
@click.option("--compare", nargs=2, type=_PATH, metavar="A B", help="Show what changed between two profiles.")
@with_console
def command(
    console: Console,
    job: Job | None,
    port: str | None,
    baud: int | None,
    no_flash: bool,
    runs: int,
    output: Path | None,
    html: Path | None,
    compare: tuple[Path, Path] | None,
) -> None:
    """Measure what each layer of MODEL takes on a board: cycles there, instructions on an emulator."""
    if compare is not None:
        _compare(console, *compare)
        return
    from tinyedge import board as boards
    from tinyedge import build as builds
    from tinyedge import paths
    from tinyedge.bench import attach
    from tinyedge.bench.profile import profile
    from tinyedge.errors import UsageError
    from tinyedge.judge import flame

    if job is None or job.board is None:
        raise UsageError("no board is given", "`--board NAME`; `tinyedge boards` lists them")
    found = profile(
        job.load(console),
        attach.at_baud(boards.load(job.board), baud),
        output,
        options=job.options,
        runs=runs,
        port=port,
        flash=not no_flash,
        observer=console,
    )
    _show(console, found)
    if html is not None:
        paths.write_atomic(html, flame.render(found))
    console.finish(builds.document(found))


def _show(console: Console, profile: Profile) -> None:
    where = "an emulator" if profile.emulated else "the board"
    console.say(
        f"{profile.model.name} on {profile.board}: {profile.whole:,.0f} {profile.unit} a run,"
        f" mean of {profile.runs} on {where}; a tick is {profile.resolution:g}"
    )
    most = max((step.mean for step in profile.steps), default=0)
    console.table(
        ("layer", "kind", profile.unit, "%", "", "p99", "jitter", "MACs", "flash", "output", "kernel"),
        [
            (
                step.name,
                step.op,
                round(step.mean),
                f"{100 * step.mean / profile.total:.1f}" if profile.total else "",
                "#" * round(_BAR * step.mean / most) if most else "",
                round(step.p99),
                round(step.jitter),
                step.macs,
                step.flash,
                step.output,
                step.kernel,
            )
            for step in profile.steps
        ],
    )


def _compare(console: Console, before: Path, after: Path) -> None:
    from dataclasses import asdict

    from tinyedge.judge import profile as profiles

    old, new = profiles.Profile.read(before), profiles.Profile.read(after)
    moved = profiles.compare(old, new)
    difference = new.whole - old.whole
    share = f" ({difference / old.whole:+.1%})" if old.whole else ""
    console.say(f"a run: {old.whole:,.0f} {old.unit}, then {new.whole:,.0f}: {difference:+,.0f}{share}")
    console.table(
        ("layer", "kind", "before", "after", "change"),
        [
            (
                one.name,
                one.op,
                round(one.before.mean) if one.before else None,
                round(one.after.mean) if one.after else None,
                f"{one.change:+,.0f}",
            )
            for one in moved
        ],
        f"{after} against {before}, {old.unit}",
    )
    runs = {"unit": old.unit, "before": old.whole, "after": new.whole}
    console.finish({**runs, "layers": [{**asdict(one), "change": one.change} for one in moved]})
