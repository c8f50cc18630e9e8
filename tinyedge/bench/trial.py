# SPDX-License-Identifier: Apache-2.0
"""Takes a model, a board and a recording, gives the Report: builds, flashes, replays on the board, judges."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from tinyedge import board as boards
from tinyedge import build as builds
from tinyedge import made, pipeline, transport
from tinyedge.bench import attach
from tinyedge.bench import energy as energies
from tinyedge.bench import pace as paces
from tinyedge.bench.features import Stages
from tinyedge.bench.learn import learn
from tinyedge.bench.observer import NOBODY, Observer
from tinyedge.bench.pace import Pace
from tinyedge.bench.profile import measure
from tinyedge.bench.samples import noise
from tinyedge.bench.samples import read as read_samples
from tinyedge.board import Board
from tinyedge.build import Build, Draft
from tinyedge.console import duration
from tinyedge.energy import Meter
from tinyedge.errors import DeviceError, UsageError
from tinyedge.graph import Array
from tinyedge.judge import expected, record, repeating
from tinyedge.judge.harness import Progress
from tinyedge.judge.report import Report
from tinyedge.line import clock
from tinyedge.model import Model
from tinyedge.options import DEFAULT, Options
from tinyedge.project import Budget, Columns, Input, Replay, Task
from tinyedge.recording import Recording, metrics
from tinyedge.recording.metrics import Metric

NO_LIMITS = Budget()
NO_TASK = Task()
PER_MAC = 3.5
"""Instructions of a core without vectors, as measured: kws_ref_model, for size, on an ESP32-S3."""
SPREAD = 2.5
"""What the fastest rate that was measured of a slow simulator is of the one that it says."""
LONG = 20.0
"""Seconds from which it is told beforehand how long an emulator will take."""


def test(
    model: Model | str | Path,
    board: Board | str | Path,
    replay: Replay | str | Path | int,
    out: str | Path | None = None,
    *,
    options: Options = DEFAULT,
    budget: Budget = NO_LIMITS,
    golden: Path | None = None,
    frames: int | None = None,
    seconds: float | None = None,
    repeat: int = 1,
    layers: int = 0,
    realtime: bool = False,
    port: str | None = None,
    flash: bool = True,
    signal: Input | None = None,
    columns: Columns | None = None,
    task: Task = NO_TASK,
    meter: Meter | None = None,
    observer: Observer = NOBODY,
) -> Report:
    """Build `model` for `board`, put it there, replay a recording and judge every bit, the time, the memory.

    replay: a file of samples, what [replay] of tinyedge.toml says, or a number of random inputs. out: folder
    of the build and of report.json; default build/BOARD. golden: a file of recorded outputs to judge by, not
    the oracle's. frames: only the first so many. seconds: only as many as are replayed in that time. repeat:
    replay the same so many times in all, and hold the bytes against the first time's. layers: how often each
    layer is run by itself behind the replay, for the report's `profile`. realtime: as fast as it was
    recorded, and not as the board can. port: a device, glob, VID:PID or URL; None for the board's
    emulator, or the one port that fits the board. flash: whether a board that runs another build may be
    written to.
    signal, columns: what the sensor gives and how the file is written, [input] and [recording] of
    tinyedge.toml; what they leave open is recognised, and said. task: what thresholds are learnt from, and
    how decisions belong to events. meter: measures the energy of an inference beside the board.
    Raises UsageError, ToolMissing, DeviceError before the first frame, InvalidMeasurement.
    """
    board = board if isinstance(board, Board) else boards.load(board)
    model = model if isinstance(model, Model) else pipeline.load(model)
    settings = Replay(file=Path(replay)) if isinstance(replay, str | Path) else replay
    recorded = settings if isinstance(settings, Replay) else None
    port = attach.choose(board, port, observer)
    board = attach.for_port(observer, board, port)
    if meter is not None and port is None:
        raise UsageError(f"the emulator of {board.name} takes no energy that could be measured", "-p PORT")
    folder = Path("build") / board.name if out is None else Path(out)
    made.remove(folder, record.FILE)  # an old verdict must not stand beside a new build
    model = learn(model, task, signal, columns, options, observer, recorded)
    # The first build for a board may take half a minute: its compiler makes its own library first.
    with observer.progress(f"building for {board.name}"):
        build = pipeline.build(model, board, folder, options)
    if port is not None and flash:
        attach.flash_another(observer, board, folder, build, port)
    samples, metric = read_or_make(build, settings, frames, signal, columns, observer)
    right = None if golden is None else expected.read_golden(golden, build)
    pace = paces.of(samples) if realtime else None
    if port is None:
        _foretell(observer, board, build, len(samples) * repeat)
    with _replaying(observer, board, len(samples) * repeat) as progress:
        report = run(
            model,
            board,
            build,
            folder,
            samples,
            metric,
            budget,
            golden=right,
            port=port,
            progress=progress if pace is None else pace.follow(progress),
            task=task,
            options=options,
            seconds=seconds,
            repeat=repeat,
            meter=meter,
            layers=layers,
        )
    _tell(observer, report, len(samples), pace, seconds)
    builds.write(folder / record.FILE, record.of(report))
    return report


def _foretell(observer: Observer, board: Board, build: Draft, frames: int) -> None:
    """Say what is predicted that a simulator will take that is far slower than a chip, where that is long."""
    rate = transport.emulated_rate(board)
    seconds = 0.0 if rate is None else PER_MAC * build.macs / rate
    if rate is not None and seconds * frames >= LONG:
        observer.say(
            f"the emulator of {board.name} does about {rate:,.0f} to {SPREAD * rate:,.0f} instructions a"
            f" second, measured on busy machines; predicted by that, a frame of {build.macs:,} MACs takes"
            f" about {duration(seconds / SPREAD)} to {duration(seconds)}, {frames:,} of them"
            f" {duration(seconds / SPREAD * frames)} to {duration(seconds * frames)};"
            " `--frames` and `--seconds` replay fewer"
        )


def _tell(observer: Observer, report: Report, frames: int, pace: Pace | None, seconds: float | None) -> None:
    if pace is not None and pace.late:
        observer.warn(
            f"{pace.late:,} frames came too late: the board or the link is slower than the recording"
        )
    if seconds is not None and report.replay.stopped is None and report.replay.frames < frames:
        observer.say(f"{report.replay.frames:,} of {frames:,} frames were replayed in {seconds:g} s")


@contextmanager
def _replaying(observer: Observer, board: Board, total: int) -> Iterator[Progress]:
    done = 0
    try:
        with observer.progress(f"replaying on {board.name}", total) as advance:

            def progress(steps: int) -> None:
                nonlocal done
                done += steps
                advance(steps)

            yield progress
    except KeyboardInterrupt:
        observer.warn(f"stopped after {done} of {total} frames: nothing is judged")
        raise


def run(
    model: Model,
    board: Board,
    build: Build,
    folder: Path,
    samples: Recording,
    metric: Metric,
    budget: Budget,
    *,
    golden: Sequence[Array] | None = None,
    port: str | None = None,
    progress: Progress = lambda frames: None,
    task: Task = NO_TASK,
    options: Options = DEFAULT,
    seconds: float | None = None,
    repeat: int = 1,
    layers: int = 0,
    meter: Meter | None = None,
) -> Report:
    """Replay `samples` on the board at `port` (None: its emulator), which runs the `build` in `folder`.

    golden: recorded outputs to judge by. seconds, repeat, layers, meter: as for `test`. Whatever happens, the
    port is given back and the emulator ended."""
    with pipeline.connect(folder, port, board, build) as device:
        # An emulator's time is virtual, and only cycles are a clock of the chip's own.
        started = clock.read(device) if port is not None and device.hello.tick_unit == "cycles" else None
        with ExitStack() as opened:
            references = around(model, options, opened)
            end = math.inf if seconds is None else time.monotonic() + seconds
            replay = pipeline.replay(
                device, build, model, samples, golden, progress, references, lambda: time.monotonic() >= end
            )
        measured = None if started is None or replay.stopped else clock.since(device, started)
        repeats = None
        if repeat > 1 and replay.stopped is None:
            try:
                repeats = repeating.repeat(device, build, replay.recording, replay.outputs, repeat, progress)
            except DeviceError as error:
                replay = replace(replay, stopped=error)
        energy = None
        if meter is not None and replay.stopped is None:
            energy = energies.measure(device, build, replay.recording, meter)
        profile = None
        # Where bits are wrong, they are what is looked at, and layers may not even repeat.
        if layers and replay.stopped is None and replay.first_difference is None:
            try:
                profile = measure(device, build, folder, board, layers, emulated=port is None)
            except DeviceError as error:
                replay = replace(replay, stopped=error)
    report = pipeline.judge(
        replay,
        model,
        build,
        board,
        budget,
        metric,
        task,
        emulated=port is None,
        measured=measured,
        repeats=repeats,
        energy=energy,
    )
    return replace(report, profile=profile)


def around(model: Model, options: Options, opened: ExitStack) -> list[Stages]:
    """Who speaks for the stages before and behind the model; `opened` closes them."""
    found = []
    if model.front is not None:
        found.append(opened.enter_context(Stages.before(model)))
    if model.back is not None:
        found.append(opened.enter_context(Stages.behind(model, options)))
    return found


def read_or_make(
    build: Draft,
    settings: Replay | int,
    frames: int | None,
    signal: Input | None,
    columns: Columns | None,
    observer: Observer,
) -> tuple[Recording, Metric]:
    """What is replayed, and how it is rated: a recording, or so many random inputs. As `read`."""
    if not isinstance(settings, Replay):
        return noise([slot.spec for slot in build.inputs], settings), Metric("none")
    samples = read(build, settings, frames, signal, columns, observer)
    return samples, choose_metric(build, settings, samples)


def read(
    build: Draft,
    settings: Replay,
    frames: int | None = None,
    signal: Input | None = None,
    columns: Columns | None = None,
    observer: Observer = NOBODY,
) -> Recording:
    """The recording as the build's inputs take it, its first `frames` only.

    Says what was recognised in it. Raises UsageError, and InvalidMeasurement as quality.assess does.
    """
    specs = [slot.spec for slot in build.inputs]
    rows = build.inputs[0].shape[1] if build.features else None
    if rows is not None and (settings.window or settings.hop):
        raise UsageError(
            "[replay] has a window or a hop, and the device cuts its windows itself",
            "leave them out: `hop` under [input] and the block `window` say it",
        )
    whole = read_samples(specs, settings, signal, columns, observer, rows)
    return whole.first(len(whole) if frames is None else frames)


def choose_metric(build: Draft, settings: Replay, samples: Recording) -> Metric:
    """The metric that is asked for, else what the shapes suggest; UsageError where it cannot be one."""
    given, wanted = build.fed[0].spec.size, build.said[0].spec.size
    if "metric" not in settings.model_fields_set:
        metric = metrics.choose(given, wanted, samples.labels is not None)
    else:
        metric = Metric(settings.metric, settings.score)
    if (metric.kind, metric.score) == ("auc", "mse") and given != wanted:
        raise UsageError(
            f'the score "mse" compares {given} inputs with {wanted} outputs of the model',
            'set `score = "output"` in [replay], or the metric "accuracy"',
        )
    if metric.kind == "auc" and not samples.ordered:
        raise UsageError(
            f"an AUC needs to know which of {', '.join(samples.classes)} is normal",
            "write `classes = [...]` under [recording], the normal one first",
        )
    return metric
