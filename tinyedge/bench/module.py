# SPDX-License-Identifier: Apache-2.0
"""Takes a model, a board with MicroPython and a recording, gives the Report: copies the module, replays."""

from __future__ import annotations

import math
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from tinyedge import board as boards
from tinyedge import build as builds
from tinyedge import made, micropython, pipeline, transport
from tinyedge.bench import trial
from tinyedge.bench.learn import learn
from tinyedge.bench.observer import NOBODY, Observer
from tinyedge.board import Board, Ticks
from tinyedge.errors import DeviceError
from tinyedge.judge import record
from tinyedge.judge.report import Heap, Report
from tinyedge.line import module as modules
from tinyedge.line.module import Module
from tinyedge.line.repl import Repl
from tinyedge.micropython import deploy
from tinyedge.micropython.described import describe_module
from tinyedge.model import Model
from tinyedge.options import DEFAULT, Options
from tinyedge.project import Budget, Columns, Input, Replay, Task
from tinyedge.recording import Recording
from tinyedge.recording.metrics import Metric

NO_LIMITS = Budget()
NO_TASK = Task()


def test(
    model: Model,
    board: Board | str | Path,
    replay: Replay | int,
    port: str,
    out: Path | None = None,
    *,
    options: Options = DEFAULT,
    budget: Budget = NO_LIMITS,
    frames: int | None = None,
    seconds: float | None = None,
    baud: int | None = None,
    flash: bool = True,
    signal: Input | None = None,
    columns: Columns | None = None,
    task: Task = NO_TASK,
    observer: Observer = NOBODY,
) -> Report:
    """Make the module of `model`, copy the form that the board runs, replay a recording through it and judge.

    Arguments and errors are those of `trial.test`. Latencies are cycles where the board's `time.ticks_cpu`
    runs with the core's clock, else those of `time.ticks_us`.
    """
    board = board if isinstance(board, Board) else boards.load(board)
    folder = Path("build") / f"{board.name}-micropython" if out is None else out
    made.remove(folder, record.FILE)
    model = learn(
        model, task, signal, columns, options, observer, replay if isinstance(replay, Replay) else None
    )
    with observer.progress(f"making a module for {board.name}"):
        draft, forms = pipeline.build_module(model, board, folder, options)
    samples, metric = trial.read_or_make(draft, replay, frames, signal, columns, observer)
    line = transport.open(port, baud=baud)
    try:
        with Repl(line) as repl:
            report = run(
                repl,
                model,
                board,
                forms,
                folder,
                samples,
                metric,
                budget,
                seconds,
                flash,
                task,
                options,
                observer,
            )
    finally:
        line.close()
    builds.write(folder / record.FILE, record.of(report))
    return report


def run(
    repl: Repl,
    model: Model,
    board: Board,
    forms: micropython.Modules,
    folder: Path,
    samples: Recording,
    metric: Metric,
    budget: Budget,
    seconds: float | None = None,
    flash: bool = True,
    task: Task = NO_TASK,
    options: Options = DEFAULT,
    observer: Observer = NOBODY,
) -> Report:
    """Copy what fits of `forms`, which are in `folder`, and replay `samples` through it."""
    loaded, file = _put(repl, folder, model, forms, flash, observer)
    compiler = forms.compiler if loaded.native else "MicroPython on the board"
    build = describe_module(
        model, forms.plans[file], Path(file).name, forms.files[file], compiler, max(0, loaded.taken)
    )
    device = Module(repl, loaded, build, board.clock_hz)
    with ExitStack() as opened, observer.progress(f"replaying on {board.name}", len(samples)) as done:
        around = trial.around(model, options, opened)
        end = math.inf if seconds is None else time.monotonic() + seconds
        ran = pipeline.replay(
            device, build, model, samples, None, done, around, lambda: time.monotonic() >= end
        )
    if device.backwards:
        observer.warn(
            f"the board's clock ran backwards in {device.backwards} of {ran.frames} runs: they count as 0"
        )
    timed = board.model_copy(update={"ticks": _clock(ran.ticks_hz, ran.tick_unit == "cycles")})
    report = pipeline.judge(ran, model, build, timed, budget, metric, task, emulated=False)
    heap = Heap(module=build.ram.parts["heap"], free=loaded.free, size=loaded.size)
    return replace(report, memory=replace(report.memory, heap=heap))


def _clock(hz: int, cycles: bool) -> Ticks:
    if cycles:
        return Ticks(unit="cycles", hz=hz, per_tick=1.0, source="time.ticks_cpu")
    return Ticks(unit="ns", hz=hz, per_tick=1e9 / hz, source="time.ticks_us")


def _put(
    repl: Repl, folder: Path, model: Model, forms: micropython.Modules, flash: bool, observer: Observer
) -> tuple[modules.Loaded, str]:
    """The module that is on the board then, and its file in the build."""
    if flash:
        with observer.progress("copying the module") as advance:
            deployed = deploy.deploy(repl, folder, advance)
        for form, why in deployed.unfit.items():
            observer.say(f"not {form}: {why}")
        observer.say(f"copied {deployed.file}, {deployed.size:,} bytes; verified: SHA-256")
        return modules.load(repl), deployed.file
    loaded = modules.load(repl)
    kinds = ("native",) if loaded.native else ("viper", "plain")
    file = next((form for form in deploy.FORMS if form.startswith(kinds) and form in forms.files), None)
    if loaded.sha256 != model.sha256 or file is None:
        raise DeviceError(
            f"{repl.name} has the module of another model ({loaded.sha256[:16]}), not {model.sha256[:16]}",
            "leave --no-flash out",
        )
    return loaded, file
