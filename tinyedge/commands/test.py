# SPDX-License-Identifier: Apache-2.0
"""Takes a model, a board and a recording, gives a verdict: builds, replays on the board, judges all bits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from tinyedge.commands._job import with_compiler, with_job
from tinyedge.console import Console, with_console

if TYPE_CHECKING:
    from tinyedge.commands._job import Job
    from tinyedge.judge.report import Report
    from tinyedge.project import Budget
    from tinyedge.project import Replay as Settings

_FILE = click.Path(path_type=Path, dir_okay=False)
_LAYERS = 3  # runs of each layer, for a page that shows what they take; `tinyedge profile` looks closer


@click.command()
@with_job
@click.option(
    "--port",
    "-p",
    metavar="PORT",
    help="Device, glob, VID:PID or URL. Default: emulator.",
)
@click.option("--baud", type=click.IntRange(min=1), metavar="BAUD", help="Of the line, in bit/s.")
@click.option("--no-flash", is_flag=True, help="Test what the board runs; never write to it.")
@click.option("--replay", type=_FILE, metavar="REC", help="The recording: CSV, NPZ, WAV, Parquet ...")
@click.option("--labels", type=_FILE, metavar="L", help="Labels of REC, when they are not in it.")
@click.option("--frames", type=click.IntRange(min=1), metavar="N", help="Replay only the first N.")
@click.option(
    "--seconds", type=click.FloatRange(min=0, min_open=True), metavar="S", help="Replay what S seconds allow."
)
@click.option(
    "--repeat", type=click.IntRange(min=1), default=1, metavar="N", help="Replay N times: the same bytes?"
)
@click.option("--realtime", is_flag=True, help="Replay as fast as it was recorded, not as the board can.")
@click.option("--window", type=click.IntRange(min=1), metavar="N", help="Rows of a stream for one input.")
@click.option("--hop", type=click.IntRange(min=1), metavar="N", help="Rows between inputs. Default: window.")
@click.option("--metric", type=click.Choice(["auc", "accuracy", "none"]), help="Default: by the shapes.")
@click.option(
    "--protocol",
    type=click.Choice(["framed", "repl"]),
    default="framed",
    help='What the board speaks: firmware of ours, or MicroPython ("repl").',
)
@click.option("--golden", type=_FILE, metavar="G", help="Recorded outputs to judge by, not the oracle's.")
@click.option(
    "--not-judged", type=click.Choice(["fail", "pass"]), help="What a limit counts as that nobody can judge."
)
@click.option(
    "--energy",
    metavar="PROBE",
    help="Measure uJ per inference: ppk2:PORT,volts=V[,mode=source][,channel=N] or joulescope:SERIAL.",
)
@with_compiler
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="DIR", help="Default: build/BOARD.")
@click.option("--junit", type=_FILE, metavar="F", help="Write JUnit XML.")
@click.option("--markdown", type=_FILE, metavar="F", help="Write tables for a pull request.")
@click.option("--html", type=_FILE, metavar="F", help="Write a page that needs no other file.")
@click.option("--png", type=_FILE, metavar="F", help="Write the picture alone.")
@with_console
def command(
    console: Console,
    job: Job,
    junit: Path | None,
    markdown: Path | None,
    html: Path | None,
    png: Path | None,
    **options: Any,
) -> int:
    """Build MODEL, replay a recording on a board, and judge every bit, the time and the memory."""
    from tinyedge.errors import UsageError
    from tinyedge.judge import record

    if job.board is None:
        raise UsageError("no board is given", "`--board NAME`; `tinyedge boards` lists them")
    asked = Asked(**options)
    if asked.protocol == "repl":
        report = _through_repl(console, job, job.board, asked)
    else:
        report = _through_link(console, job, job.board, asked, _LAYERS if html else 0)
    _write(report, junit, markdown, html, png)
    _show(console, report)
    console.finish(record.document(report))
    return report.exit_code


@dataclass(frozen=True)
class Asked:
    """What the options say of a trial, in their words; None where they say nothing."""

    port: str | None
    baud: int | None
    no_flash: bool
    protocol: str
    golden: Path | None
    output: Path | None
    replay: Path | None
    labels: Path | None
    window: int | None
    hop: int | None
    metric: Literal["auc", "accuracy", "none"] | None
    frames: int | None
    seconds: float | None
    repeat: int
    realtime: bool
    not_judged: Literal["fail", "pass"] | None
    energy: str | None


def _through_link(console: Console, job: Job, name: str, asked: Asked, layers: int) -> Report:
    from tinyedge import board as boards
    from tinyedge.bench import attach, trial
    from tinyedge.bench import energy as energies

    settings, known = _settings(job, asked), job.project
    board = attach.at_baud(boards.load(name), asked.baud)
    with energies.opened(asked.energy, board) as meter:
        return trial.test(
            job.load(console),
            board,
            settings,
            asked.output,
            options=job.options,
            budget=_budget(job, asked),
            golden=asked.golden,
            frames=asked.frames,
            seconds=asked.seconds,
            repeat=asked.repeat,
            layers=layers,
            realtime=asked.realtime,
            port=asked.port,
            flash=not asked.no_flash,
            signal=known.input if known else None,
            columns=known.recording if known else None,
            task=known.task if known else trial.NO_TASK,
            meter=meter,
            observer=console,
        )


def _through_repl(console: Console, job: Job, name: str, asked: Asked) -> Report:
    from tinyedge import board as boards
    from tinyedge.bench import module, trial
    from tinyedge.errors import UsageError

    settings, known, board = _settings(job, asked), job.project, boards.load(name)
    other = (asked.golden, asked.energy) != (None, None) or asked.repeat > 1 or asked.realtime
    if asked.port is None or other:
        raise UsageError(
            "--protocol repl is for a board at a port, judged by LiteRT, once, as fast as the line is",
            "give -p PORT, and leave --golden, --repeat, --realtime and --energy out",
        )
    return module.test(
        job.load(console),
        board,
        settings,
        asked.port,
        asked.output,
        options=job.options,
        budget=_budget(job, asked),
        frames=asked.frames,
        seconds=asked.seconds,
        baud=asked.baud,
        flash=not asked.no_flash,
        signal=known.input if known else None,
        columns=known.recording if known else None,
        task=known.task if known else trial.NO_TASK,
        observer=console,
    )


def _budget(job: Job, asked: Asked) -> Budget:
    from tinyedge.bench import trial

    known = job.project.budget if job.project else trial.NO_LIMITS
    return known.model_copy(update={"not_judged": asked.not_judged}) if asked.not_judged else known


def _settings(job: Job, asked: Asked) -> Settings:
    """The [replay] of the project with the options laid over it; the recording must be there."""
    from tinyedge import project
    from tinyedge.errors import UsageError

    known = job.project.replay if job.project else None
    file = asked.replay or (known.file if known else None)
    if file is None:
        raise UsageError("no recording is given", "`--replay REC`, or `[replay] file = ...` in tinyedge.toml")
    if not file.is_file():  # said now, and not after a model was quantised and built
        raise UsageError(f"there is no recording {file}", "check the path")
    laid = {name: getattr(asked, name) for name in ("labels", "window", "hop", "metric")}
    given = {name: value for name, value in laid.items() if value is not None}
    # Labels and windows of the project belong to the project's recording.
    same = known if known is not None and known.file == file else None
    return same.model_copy(update=given) if same else project.Replay(file=file, **given)


def _write(
    report: Report, junit: Path | None, markdown: Path | None, html: Path | None, png: Path | None
) -> None:
    from tinyedge import paths
    from tinyedge.judge import charts, page, picture
    from tinyedge.judge import junit as junits
    from tinyedge.judge import markdown as markdowns

    if png:
        paths.write_atomic(png, picture.render(report))
    if html:
        paths.write_atomic(html, page.render(report, charts.draw(report), _now()))
    if markdown:
        paths.write_atomic(markdown, markdowns.render(report))
    if junit:
        paths.write_atomic(junit, junits.render(report))


def _now() -> str:
    """ISO 8601; SOURCE_DATE_EPOCH (reproducible-builds.org) stands for it where it is set."""
    import os
    from datetime import UTC, datetime

    from tinyedge.errors import UsageError

    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        now = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    except (ValueError, OverflowError, OSError):
        raise UsageError(
            f"SOURCE_DATE_EPOCH is {epoch}, which is no time", "unset it, or give seconds"
        ) from None
    return now.isoformat(timespec="seconds")


def _show(console: Console, report: Report) -> None:
    from tinyedge.judge import detection

    build = report.build
    console.table(["", "value"], report.rows(), f"{build.model.name} on {build.board}")
    if report.detection is not None:
        console.table(*detection.confused(report.detection), "frames")
    if report.misordered:
        console.say(report.misordered, style="yellow")
    for line in report.budgets:
        if line.ok is None:
            console.say(f"not judged: {line.name}: {line.reason}", style="yellow")
        elif not line.ok and line.name != "bit_exact":
            console.say(f"broken: {line.name} is {line.value:g}, the limit {line.limit:g}", style="red")
    if report.latency.clock_differs:
        nominal = (report.latency.clock_hz or 0) / 1e6
        console.warn(
            f"the clock is {report.latency.megahertz()} by the host's, and {nominal:g} MHz by the board's"
            " file: an emulator behind the port, or a wrong clock_hz"
        )
    if report.repeats is not None and report.repeats.differing:
        console.say(f"other bytes for the same input, first in frame {report.repeats.first}", style="red")
    if report.bit_exact.first_layer:
        console.say(f"first difference: {report.bit_exact.first_layer}", style="red")
    if report.replay.stopped is not None:
        console.say(report.stopped, style="red")
        if report.replay.stopped.hint:
            console.say(f"hint: {report.replay.stopped.hint}")
    console.say(
        f"verdict: {report.verdict} ({report.judgement})",
        style="bold green" if report.verdict == "pass" else "bold red",
    )
