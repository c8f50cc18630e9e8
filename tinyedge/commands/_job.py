# SPDX-License-Identifier: Apache-2.0
"""Takes options and the `tinyedge.toml` of the current folder, gives the Job that commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tinyedge.options import CHOICES, DEFAULT, Optimize, Options, Rounding, count_of_bytes

if TYPE_CHECKING:
    from tinyedge.console import Console
    from tinyedge.model import Model
    from tinyedge.project import Calibration, Project

Function = TypeVar("Function", bound=Callable[..., Any])

with_trust = click.option(
    "--trust", is_flag=True, help="Take code that comes with MODEL or the project: Keras layers, hooks."
)


def _bytes(context: click.Context, parameter: click.Parameter, given: str | None) -> int | None:
    try:
        return None if given is None else count_of_bytes(given)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


with_optimize = click.option(
    "--optimize",
    type=click.Choice(CHOICES["optimize"]),
    help="Specialise layers that cost most, which is the default, or all, or share code.",
)
with_flash = click.option(
    "--flash", metavar="N", callback=_bytes, help="Balanced: bytes of flash that all may take, such as 256K."
)
_OPTIONS = (
    click.argument("model", required=False, type=click.Path(path_type=Path)),
    click.option("--board", "-b", metavar="B", help="A name from `tinyedge boards`, or a board's TOML file."),
    click.option(
        "--calibrate",
        type=click.Path(path_type=Path),
        metavar="DATA",
        help="For float models: typical inputs.",
    ),
    with_optimize,
    click.option(
        "--rounding", type=click.Choice(CHOICES["rounding"]), help="Whose reference kernels to equal."
    ),
    with_flash,
    with_trust,
)

with_compiler = click.option(
    "--compiler",
    metavar="C",
    help="A compiler of the board (see doctor), a program, or a prefix such as arm-none-eabi-.",
)
"""Below `with_job`, for the commands that compile: goes into `job.options`."""


@dataclass(frozen=True)
class Job:
    """What to build; an option comes before tinyedge.toml, that before the default. `board` may be None.

    model: None where the project has stages and no network.
    """

    model: Path | None
    name: str | None
    board: str | None
    options: Options
    calibration: Calibration | None
    project: Project | None
    trust: bool = False

    def load(self, console: Console) -> Model:
        """The model; a float one is quantised, with progress and warnings shown."""
        loaded, known = self._around(self._load(console)), self.project
        if known is None or loaded.back is None:
            return loaded
        from tinyedge.bench.learn import learn

        return learn(loaded, known.task, known.input, known.recording, self.options, console, known.replay)

    def _around(self, model: Model) -> Model:
        """The model with what the project puts before and behind it."""
        from dataclasses import replace

        from tinyedge.blocks.attach import Front
        from tinyedge.blocks.behind import Back

        known = self.project
        if known is None:
            return model
        front = Front(known.input, known.preprocess) if known.preprocess else None
        return replace(model, front=front, back=Back(known.postprocess) if known.postprocess else None)

    def _load(self, console: Console) -> Model:
        from tinyedge import pipeline
        from tinyedge.blocks.attach import Front
        from tinyedge.model import without

        given, known = self.calibration, self.project
        if self.model is None:
            assert known is not None
            return without.load(Front(known.input, known.preprocess), self.name)
        if given is None:
            return pipeline.load(self.model, name=self.name, trust=self.trust)
        if known is not None and known.preprocess:
            from tinyedge.bench import features

            given = features.calibration(
                Front(known.input, known.preprocess), given, known.recording, console
            )
        with console.progress(f"quantising {self.model.name}") as advance:
            loaded = pipeline.load(self.model, given, self.name, lambda done, total: advance(1), self.trust)
        for warning in loaded.warnings:
            console.warn(warning)
        return loaded

    def sketch(self, console: Console) -> Model:
        """As `load` without calibration data: only the structure of a float model means anything."""
        from dataclasses import replace

        from tinyedge import model as models
        from tinyedge.model.kinds import is_keras

        if self.model is None or not is_keras(self.model):
            return self.load(console)

        with console.progress(f"sketching {self.model.name}"):
            # Decisions are learnt from what a model gives, and this one gives nothing that means anything.
            made = replace(self._around(models.sketch(self.model, self.name, self.trust)), back=None)
        for warning in made.warnings:
            console.warn(warning)
        return made


def with_job(function: Function) -> Function:
    """Add MODEL, --board, --calibrate and what else all commands take to a click command; pass it `job`."""
    return with_job_unless("")(function)


def with_job_unless(option: str) -> Callable[[Function], Function]:
    """As `with_job`, but `job` is None, and no model need be named, where `option` is given."""

    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        def wrapper(
            *args: Any,
            model: Path | None,
            board: str | None,
            calibrate: Path | None,
            optimize: Optimize | None,
            rounding: Rounding | None,
            flash: int | None = None,
            compiler: str | None = None,
            trust: bool = False,
            **kwargs: Any,
        ) -> Any:
            given = kwargs.get(option) is None
            job = None
            if given:
                job = resolve(model, board, calibrate, optimize, rounding, compiler, trust, flash)
            return function(*args, job=job, **kwargs)

        for option in reversed(_OPTIONS):
            wrapper = option(wrapper)
        return wrapper  # type: ignore[return-value]

    return decorate


def resolve(
    model: Path | None,
    board: str | None,
    calibrate: Path | None,
    optimize: Optimize | None,
    rounding: Rounding | None,
    compiler: str | None = None,
    trust: bool = False,
    flash: int | None = None,
) -> Job:
    """Complete the options from the `tinyedge.toml` of the current folder.

    Raises UsageError where no model is named.
    """
    from tinyedge import project
    from tinyedge.blocks import hook
    from tinyedge.errors import UsageError

    file = project.find()
    known = None if file is None else hook.read(project.load(file), trust)
    # Recording, budget and signal processing are the project's, whatever model is tried in it; the name and
    # the calibration are those of its model.
    same = known if known is not None and model in (None, known.model) else None
    path = model or (same.model if same else None)
    if path is None and (known is None or not known.preprocess):
        raise UsageError(
            "no model is given",
            "name one, or run in a folder whose tinyedge.toml has `model = ...`, or [[preprocess]] alone;"
            " `tinyedge init DIR` makes one",
        )
    calibration = same.calibration if same else None
    if calibrate is not None:
        update = {"file": calibrate}
        calibration = (
            calibration.model_copy(update=update) if calibration else project.Calibration(file=calibrate)
        )
    return Job(
        path,
        same.name if same else None,
        board or (known.board if known else None),
        _options(known.options if known else DEFAULT, optimize, rounding, compiler, flash),
        calibration,
        known,
        trust,
    )


def _options(
    known: Options,
    optimize: Optimize | None,
    rounding: Rounding | None,
    compiler: str | None,
    flash: int | None,
) -> Options:
    """The project's options with those of the command, of which a number of bytes alone says balanced."""
    chosen = optimize or (known.optimize if flash is None else "balanced")
    # Another choice than the project's balanced one leaves the bytes that were given for that.
    kept = known.flash if chosen == "balanced" else None
    return Options(chosen, rounding or known.rounding, compiler, flash=flash or kept)
