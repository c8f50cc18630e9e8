# SPDX-License-Identifier: Apache-2.0
"""Takes a model, a board and a recording, gives a verdict: builds, replays on the board, judges all bits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tinyedge.commands._job import with_compiler, with_job
from tinyedge.console import Console, with_console

if TYPE_CHECKING:
    from tinyedge.board import Board
    from tinyedge.build import Build
    from tinyedge.commands._job import Job
    from tinyedge.judge.report import Report
    from tinyedge.project import Replay as Settings
    from tinyedge.recording import Recording
    from tinyedge.recording.metrics import Metric

_FILE = click.Path(path_type=Path, dir_okay=False)


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
@click.option("--replay", type=_FILE, metavar="REC", help="The recording: NPZ, NPY or CSV.")
@click.option("--labels", type=_FILE, metavar="L", help="Labels of REC, when they are not in it.")
@click.option("--frames", type=click.IntRange(min=1), metavar="N", help="Replay only the first N.")
@click.option("--window", type=click.IntRange(min=1), metavar="N", help="Rows of a stream for one input.")
@click.option("--hop", type=click.IntRange(min=1), metavar="N", help="Rows between inputs. Default: window.")
@click.option("--metric", type=click.Choice(["auc", "accuracy", "none"]), help="Default: by the shapes.")
@click.option("--golden", type=_FILE, metavar="G", help="Recorded outputs to judge by, not the oracle's.")
@with_compiler
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="DIR", help="Default: build/BOARD.")
@click.option("--junit", type=_FILE, metavar="F", help="Write JUnit XML.")
@click.option("--html", type=_FILE, metavar="F", help="Write a page that needs no other file.")
@click.option("--png", type=_FILE, metavar="F", help="Write the picture alone.")
@with_console
def command(
    console: Console,
    job: Job,
    port: str | None,
    baud: int | None,
    no_flash: bool,
    golden: Path | None,
    output: Path | None,
    junit: Path | None,
    html: Path | None,
    png: Path | None,
    frames: int | None,
    **replay: Any,
) -> int:
    """Build MODEL, replay a recording on a board, and judge every bit, the time and the memory."""
    from tinyedge import board as boards
    from tinyedge import paths, pipeline
    from tinyedge.bench import attach, trial
    from tinyedge.errors import UsageError
    from tinyedge.judge import expected, record
    from tinyedge.project import Budget

    if job.board is None:
        raise UsageError("no board is given", "`--board NAME`; `tinyedge boards` lists them")
    settings = _settings(job, replay)
    board = attach.at_baud(boards.load(job.board), baud)
    port = attach.choose(board, port)
    model = job.load(console)
    out = output or Path("build") / board.name
    paths.remove(out / record.FILE)  # an old verdict must not stand beside a new build
    build = pipeline.build_model(model, board, out, job.options)
    if port is not None and not no_flash:
        _flash(console, board, out, build, port)
    recording = _recording(build, settings, frames)
    metric = _metric(build, settings, recording)
    budget = job.project.budget if job.project else Budget()
    recorded = None if golden is None else expected.read_golden(golden, build)
    done = 0
    try:
        with console.progress(f"replaying on {board.name}", len(recording)) as advance:

            def progress(frames: int) -> None:
                nonlocal done
                done += frames
                advance(frames)

            report = trial.run(model, board, build, out, recording, metric, budget, recorded, port, progress)
    except KeyboardInterrupt:
        console.warn(f"stopped after {done} of {len(recording)} frames: nothing is judged")
        raise
    _write(report, out, junit, html, png)
    _show(console, report)
    console.finish(record.document(report))
    return report.exit_code


def _flash(console: Console, board: Board, out: Path, build: Build, port: str) -> None:
    """Put the build onto the board when it runs another one, or says nothing, and there is a way to."""
    from tinyedge.bench import attach

    if board.flasher is None:
        return
    why = attach.differs(board, out, build, port)
    if why:
        console.say(f"flashing: {why}")
        console.say(f"flashed; verified: {attach.flash(console, board, out, build, port, None)}")
        attach.greet_flashed(board, out, build, port)


def _settings(job: Job, options: dict[str, Any]) -> Settings:
    """The [replay] of the project with the options laid over it; the recording must be there."""
    from tinyedge import project
    from tinyedge.errors import UsageError

    known = job.project.replay if job.project else None
    file = options.pop("replay") or (known.file if known else None)
    if file is None:
        raise UsageError("no recording is given", "`--replay REC`, or `[replay] file = ...` in tinyedge.toml")
    if not file.is_file():  # said now, and not after a model was quantised and built
        raise UsageError(f"there is no recording {file}", "check the path; NPZ, NPY and CSV files are read")
    given = {name: value for name, value in options.items() if value is not None}
    # Labels and windows of the project belong to the project's recording.
    same = known if known is not None and known.file == file else None
    return same.model_copy(update=given) if same else project.Replay(file=file, **given)


def _recording(build: Build, settings: Settings, frames: int | None) -> Recording:
    from dataclasses import replace

    from tinyedge import recording as recordings

    specs = [slot.spec for slot in build.inputs]
    whole = recordings.load(
        settings.file, specs, settings.window, settings.hop, settings.labels, settings.period_us
    )
    labels = None if whole.labels is None else whole.labels[:frames]
    return replace(whole, values=tuple(values[:frames] for values in whole.values), labels=labels)


def _metric(build: Build, settings: Settings, recording: Recording) -> Metric:
    from tinyedge.errors import UsageError
    from tinyedge.recording import metrics
    from tinyedge.recording.metrics import Metric

    given, wanted = recording.inputs[0].size, build.outputs[0].spec.size
    if "metric" not in settings.model_fields_set:
        return metrics.choose(given, wanted, recording.labels is not None)
    metric = Metric(settings.metric, settings.score)
    if (metric.kind, metric.score) == ("auc", "mse") and given != wanted:
        raise UsageError(
            f'the score "mse" compares {given} inputs with {wanted} outputs of the model',
            'set `score = "output"` in [replay], or the metric "accuracy"',
        )
    return metric


def _write(report: Report, out: Path, junit: Path | None, html: Path | None, png: Path | None) -> None:
    from tinyedge import build, paths
    from tinyedge.judge import junit as junits
    from tinyedge.judge import page, picture, record

    image = picture.render(report) if html or png else b""
    if png:
        paths.write_atomic(png, image)
    if html:
        paths.write_atomic(html, page.render(report, image))
    if junit:
        paths.write_atomic(junit, junits.render(report))
    build.write(out / record.FILE, record.of(report))


def _show(console: Console, report: Report) -> None:
    build = report.build
    console.table(["", "value"], report.rows(), f"{build.model.name} on {build.board}")
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
    if report.bit_exact.first_layer:
        console.say(f"first difference: {report.bit_exact.first_layer}", style="red")
    console.say(f"verdict: {report.verdict}", style="bold green" if report.verdict == "pass" else "bold red")
