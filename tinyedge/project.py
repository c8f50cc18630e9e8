# SPDX-License-Identifier: Apache-2.0
"""Takes a `tinyedge.toml`, gives a `Project`: which model, data, board and budget belong together.

    model = "model.keras"          # .keras, .h5, SavedModel folder or .tflite; without it the stages are all
    name = "motion_anomaly"        # prefix of the generated C; default: the model's file name
    board = "mps3-an547"           # a name from `tinyedge boards`, or the path of a board TOML
    optimize = "balanced"          # or "speed" or "size"
    flash = "64K"                  # what a balanced image may take, or bytes; without it: by the layers' work
    rounding = "litert"            # "litert" or "tflm": whose reference kernels the chip must equal

    [calibration]                  # for Keras models and SavedModels only
    file = "calibration.npz"       # CSV, NPZ, WAV ...; with [[preprocess]] a recording of raw samples
    labels = "labels.npy"          # optional: report the accuracy, float against integer
    scheme = "int8"                # or "int16x8"
    samples = 200                  # at most so many, spread evenly over the file
    window = 25                    # rows of a stream that make one model input
    hop = 5                        # rows between the starts of two windows; default: window

    [replay]
    file = "replay.npz"
    labels = "labels.npy"          # default: `y` (NPZ) or the `label` column (CSV) of the recording;
                                   # one a row or input, or start,end,label in seconds since the first row
    window = 25
    hop = 25
    period_us = 2500000            # time between two model inputs; default: from the recording's timestamps
    metric = "auc"                 # "auc" (label 0 normal, anything else anomaly), "accuracy" or "none"
    score = "mse"                  # for auc: "mse" between input and output, or "output": its last element

    [input]                        # what the sensor gives; each key optional, recognised where it can be
    channels = ["accX", "accY"]    # names of columns, in the order of the model's channels
    unit = "g"                     # what the model was trained with, or a list, one a channel: files whose
                                   # headers say mg, m/s2, dps, rad/s, mV ... are converted
    rate_hz = 50                   # a recording at another rate is not a valid measurement
    type = "float"                 # what numbers in files are: "float" physical values, "int16" the sensor's
                                   # own steps of `lsb`, whole and of 16 bits; default: float
    lsb = 0.000061                 # physical units of one step of the sensor, as the device reads it
    hop = 5                        # rows that one run on the device takes, where it processes signals

    [[preprocess]]                 # signal processing on the device, in this order, before the model
    block = "window"               # a file of tinyedge/blocks/; the other keys are the block's own
    rows = 25

    [[postprocess]]                # from the network's output to a decision on the device, in this order
    block = "reconstruction_error" # or score, threshold, argmax ...: files of tinyedge/blocks/

    [[postprocess]]
    block = "threshold"            # without `level`: learnt from [task] normal
    false_alarms = 0.01            # share of normal runs that may lie above it, or false_alarms_per_hour

    [task]                         # what decisions are learnt from and judged by; each key optional
    normal = "normal.csv"          # a recording of what is normal (rows labelled 0, where it has labels)
    tolerance_s = 1.0              # a detection so long before or after an event belongs to it
    merge_s = 0.5                  # detections that are no further apart are one

    [recording]                    # how people's files are written; each key optional, else recognised
    time = "timestamp"             # the column of times ...
    time_unit = "ms"               # ... and its unit: "s", "ms", "us", "ns", "min", "h" or "d"
    label = "gesture"              # the column of labels, numbers or words
    classes = ["rest", "swipe"]    # names of classes, in the order of the model's outputs; normal first
    separator = ";"                # between columns
    decimal = ","                  # decimal mark
    encoding = "latin-1"           # of the text
    comment = "#"                  # what lines start with that are no rows
    scale = 0.001                  # physical units of 1 in the file: 0.001 for milli-g, where the model has g

    [budget]                       # each one optional; `tinyedge test` exits with 1 beyond it
    flash = 65536                  # bytes: flash, ram, arena, stack
    latency_p99_us = 900           # latency_p50, _p95, _p99, _max, each _us, _cycles or _instructions (an
                                   # emulator's); without a unit: whatever the board counts
    accuracy_min = 0.9             # of the device, in the replay's metric
    accuracy_drop = 0.02           # float model minus device
    deadline_misses = 0
    not_judged = "pass"            # or "fail": what a limit counts as that nobody can judge, such as time on
                                   # an emulator; default: `tinyedge test` exits with 3

    [budget.esp32c3]               # other limits for one board, a name or its TOML's
    ram = 20000

Relative paths are resolved against the folder that holds the file.
"""

from __future__ import annotations

import codecs
import difflib
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
)

from tinyedge import board as boards
from tinyedge import paths
from tinyedge.errors import UsageError
from tinyedge.options import DEFAULT, Optimize, Options, Rounding, count_of_bytes
from tinyedge.text import shown

FILE_NAME = "tinyedge.toml"


def _resolve(path: Path, info: ValidationInfo) -> Path:
    root: Path = (info.context or {}).get("root", Path())
    return _under(root, paths.possible(str(path)))


def _codec(encoding: str) -> str:
    try:
        codecs.lookup(encoding)
    except (LookupError, ValueError):  # ValueError: a NUL, which Python looks no further at
        raise ValueError("there is no such encoding") from None
    return encoding


_Path = Annotated[Path, AfterValidator(_resolve)]
_Names = Annotated[tuple[str, ...], Field(min_length=1, max_length=1 << 16)]
_Flash = Annotated[int, BeforeValidator(count_of_bytes)]
_Share = Annotated[float, Field(ge=0.0, le=1.0)]
# What a count or a measure can be: beyond, arithmetic with it overflows.
_Count = Annotated[int, Field(gt=0, lt=1 << 31)]
_Limit = Annotated[int, Field(ge=0, lt=1 << 53)]
_Measure = Annotated[float, Field(ge=1e-15, le=1e15)]
_Seconds = Annotated[float, Field(ge=0.0, le=1e9)]


class _Table(BaseModel):
    # strict=True would refuse a str for a Path; the numeric fields say what they accept themselves.
    # What checks a table is made where the first one is read, at once for those within it.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class Calibration(_Table):
    """Data that fixes the integer ranges of a float model."""

    file: _Path
    labels: _Path | None = None
    scheme: Literal["int8", "int16x8"] = "int8"
    samples: _Count = 200
    window: _Count | None = None
    hop: _Count | None = None


class Replay(_Table):
    """The recording a board is judged by."""

    file: _Path
    labels: _Path | None = None
    window: _Count | None = None
    hop: _Count | None = None
    period_us: _Measure | None = None
    metric: Literal["auc", "accuracy", "none"] = "none"
    score: Literal["mse", "output"] = "mse"


class Input(_Table):
    """What the sensor gives: names of channels in the model's order, samples a second, units of one step.

    unit: what the model was trained with, once or for each channel; files in others are converted. type: of
    the numbers in files, "int16" steps of `lsb` as the sensor gives them, else physical values.
    """

    channels: _Names | None = None
    unit: Annotated[str, Field(min_length=1)] | _Names | None = None
    rate_hz: _Measure | None = None
    type: Literal["int16", "float"] = "float"
    lsb: _Measure | None = None
    hop: _Count | None = None


class Task(_Table):
    """What decisions are learnt from, and by how much of a miss they still belong to an event."""

    normal: _Path | None = None
    tolerance_s: _Seconds = 0.0
    merge_s: _Seconds = 0.0


class Stage(BaseModel):
    """One block of signal processing by name; the keys of its own are in `model_extra`, unchecked."""

    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True)

    block: str


class Columns(_Table):
    """How a table of samples is written; None means that it is recognised, and said."""

    time: str | None = None
    time_unit: Literal["s", "ms", "us", "ns", "min", "h", "d"] | None = None
    label: str | None = None
    classes: _Names | None = None
    separator: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    decimal: Literal[".", ","] | None = None
    encoding: Annotated[str, AfterValidator(_codec)] | None = None
    comment: Annotated[str, Field(min_length=1)] | None = None
    scale: _Measure = 1.0


class Limits(_Table):
    """None means not limited. Bytes; latencies by the unit in the name, else the board's; shares of 1."""

    flash: _Limit | None = None
    ram: _Limit | None = None
    arena: _Limit | None = None
    stack: _Limit | None = None
    latency_p50: _Measure | None = None
    latency_p95: _Measure | None = None
    latency_p99: _Measure | None = None
    latency_max: _Measure | None = None
    latency_p50_us: _Measure | None = None
    latency_p95_us: _Measure | None = None
    latency_p99_us: _Measure | None = None
    latency_max_us: _Measure | None = None
    latency_p50_cycles: _Measure | None = None
    latency_p95_cycles: _Measure | None = None
    latency_p99_cycles: _Measure | None = None
    latency_max_cycles: _Measure | None = None
    latency_p50_instructions: _Measure | None = None
    latency_p95_instructions: _Measure | None = None
    latency_p99_instructions: _Measure | None = None
    latency_max_instructions: _Measure | None = None
    deadline_misses: _Limit | None = None
    accuracy_min: _Share | None = None
    accuracy_drop: _Share | None = None


class Budget(Limits):
    """Limits for every board, and tables of other limits by a board's name.

    not_judged: what becomes of the verdict where nobody can judge a limit; None: "not judged".
    """

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, Limits] = Field(init=False)

    not_judged: Literal["fail", "pass"] | None = None

    @property
    def boards(self) -> tuple[str, ...]:
        """The names of boards that have limits of their own."""
        return tuple(self.__pydantic_extra__)

    def of(self, *names: str) -> Limits:
        """The limits of the board of these names: its own before those of every board."""
        own = [self.__pydantic_extra__[name] for name in names if name in self.__pydantic_extra__]
        tables = [self, *own]
        return Limits(
            **{
                key: getattr(t, key)
                for t in tables
                for key in Limits.model_fields
                if key in t.model_fields_set
            }
        )


class Project(_Table):
    """One `tinyedge.toml`, checked; every path in it is absolute or relative to the current folder."""

    file: Path
    model: _Path | None = None
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=100)] | None = None
    board: Annotated[str, AfterValidator(paths.possible)] | None = None
    optimize: Optimize = DEFAULT.optimize
    flash: _Flash | None = None
    rounding: Rounding = DEFAULT.rounding
    calibration: Calibration | None = None
    replay: Replay | None = None
    input: Input = Field(default_factory=Input)
    recording: Columns = Field(default_factory=Columns)
    preprocess: tuple[Stage, ...] = ()
    postprocess: tuple[Stage, ...] = ()
    task: Task = Field(default_factory=Task)
    budget: Budget = Field(default_factory=Budget)

    @property
    def options(self) -> Options:
        """How the project's model is compiled."""
        return Options(self.optimize, self.rounding, flash=self.flash)

    @property
    def root(self) -> Path:
        """The folder that relative paths in the file refer to."""
        return self.file.parent


def find(folder: Path = Path()) -> Path | None:
    """The project file of `folder`, or None when it has none."""
    path = folder / FILE_NAME
    return path if path.is_file() else None


def load(path: Path) -> Project:
    """Read a project file, or the `tinyedge.toml` of a folder. Raises UsageError naming key and line."""
    path = Path(path)
    if path.is_dir():
        path = path / FILE_NAME
    if not path.is_file():
        raise UsageError(
            f"cannot read {path}: there is no such file", "run `tinyedge init DIR` to make a project"
        )
    table, text = paths.read_toml(path)
    if "file" in table:  # our own field, not the user's
        raise _unknown(path, text, ("file",), Project)
    try:
        project = Project.model_validate({**table, "file": path}, context={"root": path.parent})
    except ValidationError as error:
        raise _explain(path, text, error) from None
    _check_boards(path, text, project)
    if project.board is not None and project.board.endswith(".toml"):
        board = str(_under(path.parent, project.board))
        project = project.model_copy(update={"board": board})
    return project


def _check_boards(path: Path, text: str, project: Project) -> None:
    for name in project.budget.boards:
        own = (project.board or "").endswith(f"{name}.toml") or (path.parent / f"{name}.toml").is_file()
        if not own:
            try:
                boards.load(name)
            except UsageError as error:
                place = _place(path, text, ("budget", name))
                raise UsageError(f"{place}: [budget.{name}]: {error}", error.hint) from None


def _under(root: Path, text: str) -> Path:
    path = Path(text)
    return path if path.is_absolute() else root / path


def _explain(path: Path, text: str, error: ValidationError) -> UsageError:
    first = error.errors()[0]
    keys = tuple(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return _unknown(path, text, keys, _table(keys[:-1]))
    if first["type"] == "model_type" and keys[0] == "budget" and len(keys) == 2:
        return _unknown(path, text, keys, Budget)  # neither a limit nor a board's table
    if first["type"] == "missing":
        return UsageError(
            f"{_place(path, text, keys[:-1])}: [{'.'.join(keys[:-1])}] has no {keys[-1]!r}",
            f"add `{keys[-1]} = ...` to it",
        )
    value = first["input"]
    problem = first["msg"][0].lower() + first["msg"][1:]
    return UsageError(
        f"{_place(path, text, keys)}: {'.'.join(keys)} = {shown(value)}: {problem}", "correct that value"
    )


def _unknown(path: Path, text: str, keys: tuple[str, ...], table: type[BaseModel]) -> UsageError:
    known = sorted(set(table.model_fields) - ({"file"} if table is Project else set()))
    close = difflib.get_close_matches(keys[-1], known, n=1)
    hint = f"{f'did you mean {close[0]}? ' if close else ''}known here: {', '.join(known)}"
    return UsageError(f"{_place(path, text, keys)}: unknown key {'.'.join(keys)!r}", hint)


def _table(keys: tuple[str, ...]) -> type[BaseModel]:
    tables: dict[tuple[str, ...], type[BaseModel]] = {
        ("calibration",): Calibration,
        ("replay",): Replay,
        ("input",): Input,
        ("recording",): Columns,
        ("task",): Task,
        ("budget",): Budget,
    }
    return Limits if keys[:1] == ("budget",) and len(keys) == 2 else tables.get(keys, Project)


def _place(path: Path, text: str, keys: tuple[str, ...]) -> str:
    """`file:line` of a key, or only the file when the key is written in an unusual way."""
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[\s*([\w.-]+)\s*\]", line)
        if header:
            table = tuple(header[1].split("."))
            if table == keys:
                return f"{path}:{number}"
            continue
        entry: Any = re.match(r"\s*\"?([\w-]+)\"?\s*=", line)
        if entry and (*table, entry[1]) == keys:
            return f"{path}:{number}"
    return str(path)
