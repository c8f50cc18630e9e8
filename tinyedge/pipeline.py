# SPDX-License-Identifier: Apache-2.0
"""The list of verbs, in order: Model -> Graph -> Plan -> Sources -> Image -> Device -> Report.

What makes an image is imported at the top, and the types of public verbs. A verb behind it imports its own
rooms: a build waits for no judge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tinyedge import board as boards
from tinyedge import build as builds
from tinyedge import emit, graph, made, names, passes, paths, toolchain
from tinyedge import flash as flashing
from tinyedge import model as models
from tinyedge import plan as planner
from tinyedge.blocks.attach import attach
from tinyedge.blocks.behind import decide
from tinyedge.board import Board
from tinyedge.build import Build, Draft
from tinyedge.errors import DoesNotFit, UsageError
from tinyedge.graph import Array, Graph
from tinyedge.line import device as devices
from tinyedge.line.device import Device
from tinyedge.model import Model, tflite
from tinyedge.options import DEFAULT, Options
from tinyedge.plan import Plan, overflow, spending
from tinyedge.project import Budget, Calibration, Task
from tinyedge.protocols import FRAMED
from tinyedge.toolchain import bill, describe, inputs

if TYPE_CHECKING:
    from tinyedge import micropython
    from tinyedge.energy import Energy
    from tinyedge.judge.harness import Progress, Replay, Target
    from tinyedge.judge.repeating import Repeats
    from tinyedge.judge.report import Report
    from tinyedge.line.clock import Frequency
    from tinyedge.oracle.reference import Reference
    from tinyedge.recording import Recording
    from tinyedge.recording.metrics import Metric

MODEL = "model.tflite"


@dataclass(frozen=True)
class Compiled:
    """A model on its way to a board, as far as a compiler is not needed."""

    model: Model
    plan: Plan


def load(
    file: str | Path,
    calibration: Calibration | None = None,
    name: str | None = None,
    progress: Callable[[int, int], None] | None = None,
    trust: bool = False,
) -> Model:
    """File -> Model; a float model is made integer by `calibration`. Raises what `model.load` raises.

    name: prefix of the C, instead of the file's name. progress: called with calibration samples done, of all.
    trust: load a model that names code of its own, too.
    """
    file, given = Path(file), calibration
    if given is None:
        return models.load(file, name=name, trust=trust)
    return models.load(
        file, given.file, given.scheme, given.samples, given.window, given.hop, name, progress, trust
    )


def quantize(
    file: str | Path,
    calibration: Calibration | str | Path,
    name: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Model:
    """Float model -> Model, whose `data` is an integer TFLite file; otherwise as `load`."""
    if not isinstance(calibration, Calibration):
        calibration = Calibration(file=Path(calibration))
    return load(file, calibration, name, progress)


def lower(model: Model) -> Graph:
    """Model -> Graph."""
    return tflite.lower(model.data, model.name)


def plan(model: Model, board: Board, options: Options = DEFAULT) -> Compiled:
    """Model -> Graph -> Plan, with what stands before and behind the model where it has some.

    Nothing is compiled: `options.flash` is what `settle` asks for.
    """
    return Compiled(model, planner.plan(whole(model, options), board, options))


def settle(model: Model, board: Board, options: Options = DEFAULT) -> Compiled:
    """As `plan`; images are compiled where only they tell which plan is within the flash that is given, or is
    the smallest.

    Raises UsageError where even the smallest image takes more flash, and what `plan` and a compiler raise.
    """
    if options.flash is None and options.optimize != "size":
        return plan(model, board, options)
    network = whole(model, options)
    with paths.temporary() as scratch:

        def look(tried: Plan) -> spending.Taken | None:
            return _taken(model, board, options, tried, scratch)

        if options.flash is not None:
            return Compiled(model, spending.within(network, board, options, look))
        return Compiled(model, spending.smallest(network, board, options, look))


def _taken(model: Model, board: Board, options: Options, tried: Plan, scratch: Path) -> spending.Taken | None:
    """What the image of a plan takes, or would take where it does not fit the board; None: not measured."""
    try:
        image = toolchain.compile(emit.emit(tried, model.sha256), board, scratch / "image")
    except DoesNotFit as error:
        if error.region == "ram" or not tried.fast:
            raise overflow.explain(tried, error, lambda _: False) from error
        return spending.Taken(max(options.flash or 0, error.length) + error.over, {}, {})
    if image.flash is None:
        return None
    return spending.Taken(image.flash, *describe.code(image, names.prefix(tried.graph.name)))


def whole(model: Model, options: Options = DEFAULT) -> Graph:
    """Model -> Graph, from the samples to the decision."""
    network = passes.optimize(lower(model), options.rounding)
    return decide(attach(network, model.front), model.back)


def check(model: Model | str | Path, board: Board | str | Path = "host", options: Options = DEFAULT) -> Draft:
    """Model -> what of its Build is known without a compiler: layers, kernels, arena, weights.

    Raises Unsupported for the first layer that cannot be built.
    """
    return draft(plan(model if isinstance(model, Model) else load(model), _board(board), options))


def draft(compiled: Compiled) -> Draft:
    """Plan -> what of its Build is known without a compiler."""
    return describe.draft(compiled.model, compiled.plan, MODEL)


def build(
    model: Model | str | Path,
    board: Board | str | Path,
    out: str | Path,
    options: Options = DEFAULT,
    name: str | None = None,
    *,
    sbom: bool = False,
) -> Build:
    """Model -> Graph -> Plan -> Sources -> Image, in the folder `out`; what build.json says of it.

    model, board: a file or a name stands for what is in it. name: as for `load`, which takes the file. sbom:
    a bill of materials (CycloneDX), too. `out` then holds build.json, model.tflite, src/, firmware.elf and
    what is flashed. build.json is removed first, with the bill of an earlier build, and written last: a
    folder that has one holds a whole build. Nothing is done where `out` holds what was made from the same.
    """
    model = model if isinstance(model, Model) else load(model, name=name)
    board, out = _board(board), Path(out)
    origin = inputs.digest(model, board, options, sbom)
    if origin is not None and (out / made.RECORD).is_file():
        with made.alone(out):
            if made.whole(out, origin):
                paths.sweep(out / "src")
                return Build.read(out)
    compiled = settle(model, board, options)
    sources = emit.emit(compiled.plan, model.sha256)
    beside = (builds.FILE, MODEL, *([bill.FILE] if sbom else []))
    made.check(out, beside)
    with made.alone(out):
        made.remove(out, builds.FILE)
        made.discard(out, bill.FILE)
        try:
            image = toolchain.compile(sources, board, out)
        except DoesNotFit as error:
            told = overflow.explain(
                compiled.plan,
                error,
                lambda choice: _fits(model, board, replace(options, optimize=choice, flash=None)),
            )
            raise told from error
        made.write(out, MODEL, model.data)
        build = describe.describe(model, compiled.plan, image, MODEL)
        if sbom:
            made.write(out, bill.FILE, bill.of(build, out))
        build.write(out)
        if origin is not None:
            made.conclude(out, origin, [*beside, *toolchain.left(sources, image)])
    return build


def _fits(model: Model, board: Board, options: Options) -> bool:
    """Whether the image would fit the board."""
    tried = plan(model, board, options)
    with paths.temporary() as scratch:
        try:
            toolchain.compile(emit.emit(tried.plan, model.sha256), board, scratch)
        except DoesNotFit:
            return False
    return True


def build_module(
    model: Model | str | Path,
    board: Board | str | Path,
    out: str | Path,
    options: Options = DEFAULT,
    name: str | None = None,
) -> tuple[Draft, micropython.Modules]:
    """Model -> Graph -> Plan -> modules of MicroPython, in the folder `out`; arguments as for `build`.

    Raises Unsupported for a layer that none of their forms can do. An earlier build.json goes: what is in the
    folder then is no image.
    """
    from tinyedge import micropython

    model = model if isinstance(model, Model) else load(model, name=name)
    out = Path(out)
    graph = whole(model, options)
    with paths.temporary() as scratch:
        signal = model.front.signal if model.front else None
        modules = micropython.make(graph, model.sha256, _board(board), options, scratch, signal)
    made.check(out, (builds.FILE, *modules.files))
    with made.alone(out):
        made.remove(out, builds.FILE)
        made.discard(out, bill.FILE)
        for form in modules.missing:
            for name in micropython.names_of(form):
                made.remove(out, name)
        for path, data in modules.files.items():
            made.write(out, path, data)
    return draft(Compiled(model, modules.plan)), modules


def dump(model: Model, board: Board, stage: str, options: Options = DEFAULT) -> str:
    """A stage as text: "graph", "optimized", "plan" or "sources"."""
    if stage == "graph":
        return graph.dump(lower(model))
    if stage == "optimized":
        return graph.dump(plan(model, board, options).plan.graph)
    compiled = settle(model, board, options)
    if stage == "plan":
        return planner.dump(compiled.plan)
    files = emit.emit(compiled.plan, model.sha256).files
    return "".join(f"==> {path} <==\n{data.decode()}\n" for path, data in files.items())


def flash(
    folder: str | Path,
    port: str | None = None,
    board: Board | str | Path | None = None,
    baud: int | None = None,
    progress: flashing.Progress = lambda share: None,
    build: Build | None = None,
) -> str:
    """Image in `folder` -> a board that runs it, verified; says in words how.

    board: the board's file, where it is none of ours. build: what is in the folder, where that has been read.
    Otherwise as `flash.flash`.
    """
    made = build or Build.read(Path(folder))
    return flashing.flash(_board(board or made.board), Path(folder), made, port, baud, progress)


def connect(
    folder: str | Path,
    port: str | None = None,
    board: Board | str | Path | None = None,
    build: Build | None = None,
) -> Device:
    """Image in `folder` -> Device: the board at `port`, or its emulator. Close it, or use `with`.

    board, build: as for `flash`. Raises UsageError, DeviceError (also for firmware of another build) and
    ToolMissing.
    """
    from tinyedge import transport

    made = build or Build.read(Path(folder))
    if made.image.protocol != FRAMED:
        raise UsageError(
            f"the build in {folder} speaks {made.image.protocol}, which is for another program than this",
            "build it without `--protocol`",
        )
    facts = _board(board or made.board)
    lacks = () if port is not None or facts.emulator is None else facts.emulator.lacks
    strange = [name for name in lacks if any(name in layer.kernel.split("_") for layer in made.layers)]
    if strange:
        raise UsageError(
            f"the emulator of {facts.name} does not have the instructions of kernels/{strange[0]},"
            " which this build uses",
            "`-p PORT` for the board itself; without it `tinyedge test` and `run` build for the emulator",
        )
    line = transport.open_board(facts, Path(folder) / made.image.elf, port)
    return devices.connect(line, made, clock_hz=None if port is None else facts.clock_hz)


def replay(
    device: Target,
    build: Build,
    model: Model,
    recording: Recording,
    golden: Sequence[Array] | None = None,
    progress: Progress = lambda frames: None,
    around: Sequence[Reference] = (),
    enough: Callable[[], bool] = lambda: False,
) -> Replay:
    """Device -> Replay: every frame run there, every bit compared. As `harness.replay`.

    around: who speaks for what stands before and behind the model; for the model itself LiteRT does.
    """
    from tinyedge.judge import harness
    from tinyedge.oracle import Oracle
    from tinyedge.oracle.litert import LiteRt
    from tinyedge.oracle.reference import Chain

    with Oracle(model.data, model.name) as oracle:
        reference: Reference = LiteRt.of(oracle, build)
        if around:
            reference = Chain((*around, reference))
        return harness.replay(device, build, recording, reference, golden, progress, enough)


def judge(
    replay: Replay,
    model: Model,
    build: Build,
    board: Board,
    budget: Budget,
    metric: Metric,
    task: Task | None = None,
    *,
    emulated: bool,
    measured: Frequency | None = None,
    repeats: Repeats | None = None,
    energy: Energy | None = None,
) -> Report:
    """Replay -> Report: accuracy, time and memory held against the budget. As `report.judge`."""
    from tinyedge.judge import rating, report
    from tinyedge.recording.metrics import Metric

    recording, real = replay.recording, None
    if not model.network:
        metric = Metric("none")  # of what features have in common with themselves
    if metric.kind != "none" and recording.labels is not None and model.real is not None:
        real = rating.float_outputs(model.real, model.name, replay.seen if build.features else recording)
    return report.judge(
        replay,
        build,
        board,
        budget,
        metric,
        real,
        recording.period_us,
        task or report.NO_TASK,
        emulated=emulated,
        measured=measured,
        repeats=repeats,
        energy=energy,
    )


def _board(board: Board | str | Path) -> Board:
    return board if isinstance(board, Board) else boards.load(board)
