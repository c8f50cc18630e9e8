# SPDX-License-Identifier: Apache-2.0
"""Takes the folder of a build, gives its Build: what build.json says, typed; its tensors move themselves."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeVar

import numpy as np
from pydantic import ConfigDict, Field, NonNegativeInt, TypeAdapter, ValidationError

import tinyedge
from tinyedge import made, paths
from tinyedge.errors import InvalidMeasurement, UsageError
from tinyedge.graph import Array
from tinyedge.options import Optimize, Rounding

FILE = "build.json"
VERSION = 1
"""Of the form of build.json and of report.json: counts up when a key goes, or means something else."""

# Joined to the build's folder, so it must not lead out of it.
_FileName = Annotated[str, Field(pattern=r"^\w[\w.-]*$")]
CLOSED = ConfigDict(extra="forbid")
Data = bytes  # where `bytes` is a field


def limits(dtype: str) -> tuple[int, int]:
    """The least and the largest number of an integer type, or of truth values."""
    kind = np.dtype(dtype)
    return (0, 1) if kind == np.bool_ else (int(np.iinfo(kind).min), int(np.iinfo(kind).max))


@dataclass(frozen=True)
class Spec:
    """One model input or output: TFLite name, shape (batch first), dtype, and quantisation or None."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    scale: float | None = None
    zero_point: int | None = None

    @property
    def frame(self) -> tuple[int, ...]:
        """The shape of one model input in a recording: without the batch of 1."""
        return self.shape[1:] if len(self.shape) > 1 and self.shape[0] == 1 else self.shape

    @property
    def size(self) -> int:
        """Elements of one model input."""
        return math.prod(self.shape)

    @property
    def limits(self) -> tuple[int, int]:
        """The least and the largest number of its type, which is an integer or a truth value."""
        return limits(self.dtype)


class Arena(Protocol):
    """The part of a device that moves bytes; offsets and lengths in bytes."""

    def write(self, offset: int, data: bytes) -> None:
        """Copy `data` to the arena."""

    def read(self, offset: int, length: int) -> bytes:
        """Copy from the arena."""
        ...


@dataclass(frozen=True)
class Slot:
    """One tensor in the arena: `offset` and `bytes` say where; `index` in the TFLite file (None: a pass's).

    scale, zero_point: one value for a quantised tensor, none for another. channels: where the file's tensor
    has more, those of its last dimension that are here; left_out: how many are not. ValueError where `bytes`
    is not what shape and dtype take.
    """

    __pydantic_config__ = CLOSED
    name: str
    index: int | None
    shape: tuple[NonNegativeInt, ...]
    dtype: str
    scale: tuple[float, ...]
    zero_point: tuple[int, ...]
    offset: NonNegativeInt
    bytes: NonNegativeInt
    channels: tuple[NonNegativeInt, ...] | None = None
    left_out: NonNegativeInt = 0

    def __post_init__(self) -> None:
        try:
            size = math.prod(self.shape) * np.dtype(self.dtype).itemsize
        except TypeError:
            raise ValueError(f"{self.dtype!r} is no dtype") from None
        if size != self.bytes:
            raise ValueError(f"{self.dtype} {list(self.shape)} takes {size} bytes, not {self.bytes}")
        if self.channels is not None and (len(self.channels),) != self.shape[-1:]:
            raise ValueError(f"{list(self.shape)} does not have {len(self.channels)} channels")

    @property
    def spec(self) -> Spec:
        """What a recording must fit."""
        return Spec(
            self.name,
            self.shape,
            self.dtype,
            self.scale[0] if self.scale else None,
            self.zero_point[0] if self.zero_point else None,
        )

    @property
    def tensor(self) -> int:
        """The index in the TFLite file, where there must be one."""
        if self.index is None:
            raise InvalidMeasurement(
                f"'{self.name}' is no tensor of the model file, so nothing can be compared with it",
                "this is a defect of tinyedge: please report it with the model",
            )
        return self.index

    def encode(self, values: Array) -> Data:
        """One frame, values of the tensor's dtype and size, as the device holds it."""
        data: Data = values.astype(self._wire).tobytes()
        return data

    def write(self, device: Arena, values: Array) -> None:
        """Send one frame."""
        device.write(self.offset, self.encode(values))

    def read(self, device: Arena) -> Array:
        """The tensor as it stands in the arena now, in its shape."""
        return self.decode(device.read(self.offset, self.bytes))

    def decode(self, data: Data) -> Array:
        """What `encode` makes bytes of, in the tensor's shape."""
        if len(data) != self.bytes:
            raise InvalidMeasurement(f"{len(data)} of {self.bytes} bytes of '{self.name}' arrived")
        return np.frombuffer(data, self._wire).astype(self.dtype).reshape(self.shape)

    @property
    def _wire(self) -> np.dtype[Any]:
        return np.dtype(self.dtype).newbyteorder("<")  # every supported target is little-endian


@dataclass(frozen=True)
class Tool:
    """Which tinyedge."""

    __pydantic_config__ = CLOSED
    version: str


@dataclass(frozen=True)
class ModelFile:
    """The model: prefix of its C, SHA-256 and file name of the TFLite file beside build.json."""

    __pydantic_config__ = CLOSED
    name: str
    sha256: str
    path: _FileName


@dataclass(frozen=True)
class Layer:
    """One operator: multiply-accumulates, bytes of weights and biases, the kernel, and what it writes.

    small: whether its code is to be small rather than fast.
    """

    __pydantic_config__ = CLOSED
    name: str
    op: str
    macs: NonNegativeInt
    weights: NonNegativeInt
    kernel: str
    in_place: bool
    outputs: tuple[Slot, ...]
    small: bool = False


@dataclass(frozen=True)
class Files:
    """File names in the build's folder: the ELF and what is flashed; `build_id` is in the firmware too.

    protocol: what that says on the line; all but "framed" is for somebody else's program.
    """

    __pydantic_config__ = CLOSED
    elf: _FileName
    files: tuple[_FileName, ...]
    build_id: str
    protocol: str = "framed"


@dataclass(frozen=True)
class Flash:
    """Bytes. weights: those of the model file that are needed, as it holds them; code: everything else; parts
    sum up to the total.

    total, code: None where nothing is measured (`board = "host"` on macOS and Windows). given: what an image
    that is balanced may take, None where that is not said.
    """

    __pydantic_config__ = CLOSED
    total: NonNegativeInt | None
    code: int | None
    weights: NonNegativeInt
    parts: dict[str, NonNegativeInt]
    given: NonNegativeInt | None = None


@dataclass(frozen=True)
class Ram:
    """Bytes. arena: every activation, model inputs and outputs (`io`) and all scratch; state: what lives on.

    arena_lower_bound: no plan needs less. stack_size: reserved, None where the system gives it; stack_bound:
    the deepest that it can get, None when that is not known. parts sum up to the total, which is None where
    nothing is measured.
    """

    __pydantic_config__ = CLOSED
    total: NonNegativeInt | None
    arena: NonNegativeInt
    arena_lower_bound: NonNegativeInt
    state: NonNegativeInt
    stack_size: NonNegativeInt | None
    stack_bound: NonNegativeInt | None
    io: NonNegativeInt
    parts: dict[str, NonNegativeInt]


@dataclass(frozen=True)
class Counters:
    """An output that counts in which of its bins values lie; expected: their shares while all is normal.

    below: the bound of two bins, in physical units, where there is one.
    """

    __pydantic_config__ = CLOSED
    name: str
    of: str
    expected: tuple[float, ...]
    below: float | None = None


@dataclass(frozen=True)
class Decision:
    """Which outputs are what, where the device decides: by name, None where there is no such stage.

    nothing: what the decision is while nothing is there. level: of the score, in its physical units.
    """

    __pydantic_config__ = CLOSED
    score: str | None
    decision: str | None
    nothing: int | None
    level: float | None
    counters: tuple[Counters, ...]


@dataclass(frozen=True)
class Draft:
    """What is known of a build before anything is compiled.

    features: the model's own inputs where signal processing makes them of `inputs`; empty where nothing does.
    predictions: its own outputs where stages behind it read them. warm_up:
    runs until windows are full and filters have settled.
    """

    __pydantic_config__ = CLOSED
    version: int
    tool: Tool
    board: str
    model: ModelFile
    optimize: Optimize
    rounding: Rounding
    macs: NonNegativeInt
    arena_align: NonNegativeInt
    inputs: tuple[Slot, ...]
    features: tuple[Slot, ...]
    outputs: tuple[Slot, ...]
    predictions: tuple[Slot, ...]
    warm_up: NonNegativeInt
    decision: Decision | None
    layers: tuple[Layer, ...]

    @property
    def left_out(self) -> str:
        """A line for people: how many channels of layers with weights are not computed; empty: none."""
        slots = [slot for layer in self.layers if layer.weights for slot in layer.outputs]
        gone = sum(slot.left_out for slot in slots)
        every = gone + sum(slot.shape[-1] for slot in slots if slot.shape)
        return f"{gone:,} of {every:,} channels make no difference to any output: left out" if gone else ""

    @property
    def said(self) -> tuple[Slot, ...]:
        """Where the model's own outputs stand, whoever reads them."""
        return self.predictions or self.outputs

    @property
    def fed(self) -> tuple[Slot, ...]:
        """Where the model's own inputs stand, whoever writes them."""
        return self.features or self.inputs


@dataclass(frozen=True)
class Build(Draft):
    """What build.json says of an image: no time, no absolute path. compiler: its own words."""

    __pydantic_config__ = CLOSED
    compiler: str
    image: Files
    flash: Flash
    ram: Ram

    @classmethod
    def read(cls, folder: Path) -> Build:
        """The build in `folder`; UsageError when there is none, it is damaged, or of another version."""
        return read(folder / FILE, cls, f"there is no build in {folder}")

    def write(self, folder: Path) -> None:
        """Write build.json."""
        write(folder / FILE, self)


Kind = TypeVar("Kind", bound=Draft)


def document(value: Draft) -> dict[str, Any]:
    """As JSON has it, the long lists last."""
    facts = asdict(value)
    lists = {key: facts.pop(key) for key in ("inputs", "features", "outputs", "predictions", "layers")}
    return {**facts, **lists}


def layout(value: Draft) -> dict[str, Any]:
    """Of `document`, what is about the layers and their memory, whatever the board is called."""
    facts = document(value)
    keys = ("macs", "arena_align", "inputs", "features", "outputs", "predictions", "layers")
    return {key: facts[key] for key in keys}


def write(file: Path, value: Draft) -> None:
    """Write a Build or a report; what is not JSON (NaN, infinity) is refused."""
    made.write(file.parent, file.name, json.dumps(document(value), indent=1, allow_nan=False) + "\n")


def read(file: Path, kind: type[Kind], missing: str) -> Kind:
    """What `write` wrote. UsageError: `missing`, damaged, or of another version."""
    again = "make it again: `tinyedge build`, or `tinyedge test` for a report"
    try:
        text = paths.read(file)
    except OSError as error:
        raise UsageError(
            missing, "run `tinyedge build` or `tinyedge test` first, or name the folder"
        ) from error
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is damaged: it is not JSON", again) from error
    version = found.get("version") if isinstance(found, dict) else None
    if version != VERSION:
        raise UsageError(
            f"{file} has the form of version {version!r}, tinyedge {tinyedge.__version__} reads {VERSION}",
            again,
        )
    try:
        return TypeAdapter(kind).validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise UsageError(f"{file} is damaged: {place!r}: {first['msg']}", again) from error


def schema(kind: type[Any]) -> dict[str, Any]:
    """The JSON Schema of `kind`, a dataclass, as it is written."""
    from pydantic.json_schema import GenerateJsonSchema

    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        **TypeAdapter(kind).json_schema(mode="serialization"),
    }
