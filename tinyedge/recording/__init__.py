# SPDX-License-Identifier: Apache-2.0
"""Takes a file of samples and the model's inputs, gives a Recording: model inputs in time order.

Files (a module each in `tinyedge.recording.formats`):
- tables, where a row is a time step: CSV in people's dialects, JSON lines, Parquet, WAV, Edge Impulse's JSON
  and CBOR. Columns are channels, times and labels, as [input] and [recording] of tinyedge.toml say; what
  these leave open is recognised by names, and told (`Recording.notes`). A row may be a whole model input.
- NPZ: `x` [N, ...one model input...], or one array per input name; `y` [N] labels; `t` [N] seconds.
- NPY: `x` alone.
With a `window`, `x` [rows, channels] of an NPZ or NPY is a stream too: `window` rows make one model input,
the next one starts `hop` rows later; rows left over at the end are dropped, and no window crosses a gap. A
window takes the label that most of its rows have, on a tie the one that comes last.

Float samples are quantised on the host as TensorFlow Lite's QUANTIZE operator does it: the quotient
x / scale in float32, rounded half away from zero, plus the zero point, clamped to the type. Integer samples
of an NPZ or NPY are taken as already quantised; the numbers of a table are always physical values.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyedge import text
from tinyedge.build import Spec
from tinyedge.errors import UsageError
from tinyedge.graph import Array
from tinyedge.project import Columns, Input
from tinyedge.recording import sample_file, spool, times, windows
from tinyedge.recording.sample_file import SampleFile, plain


@dataclass(frozen=True)
class Recording:
    """Model inputs in time order.

    values: one array per input, [frames, *spec.frame], float32, or the model's integer type when already
    quantised.
    labels: int64 [frames] or None; classes: their names, () where labels are numbers; ordered: whether the
    user gave the order of the classes; words: whether the file has these names, and not numbers.
    period_us: time from one model input to the next, rate_hz: of the rows; None when not known. gaps: places
    where rows are missing. fresh: frames that follow one of them, or more than one, where a stream begins
    anew. notes: what was recognised in the file. channels: the names of a table's columns, () where they have
    none.
    """

    path: Path
    inputs: tuple[Spec, ...]
    values: tuple[Array, ...]
    labels: NDArray[np.int64] | None = None
    period_us: float | None = None
    classes: tuple[str, ...] = ()
    ordered: bool = True
    words: bool = False
    rate_hz: float | None = None
    gaps: int = 0
    fresh: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.values[0])

    def real(self) -> tuple[NDArray[np.float32], ...]:
        """Each input as the physical values, float32 [frames, *spec.frame]; integers are dequantised."""
        return tuple(
            values if values.dtype == np.float32 else dequantize(values, spec)
            for values, spec in zip(self.values, self.inputs, strict=True)
        )

    def stored(self) -> tuple[Array, ...]:
        """Each input in the model's own dtype, as the device receives it: [frames, *spec.frame], C order."""
        return tuple(
            quantize(values, spec) if values.dtype == np.float32 else values
            for values, spec in zip(self.values, self.inputs, strict=True)
        )

    def first(self, count: int) -> Recording:
        """The first `count` frames."""
        if count >= len(self):
            return self
        labels = None if self.labels is None else self.labels[:count]
        fresh = tuple(frame for frame in self.fresh if frame < count)
        return replace(self, values=tuple(v[:count] for v in self.values), labels=labels, fresh=fresh)

    def settled(self, warm_up: int) -> NDArray[np.bool_]:
        """As `settled`, of the frames."""
        return settled(len(self), self.fresh, warm_up)

    def spread(self, count: int) -> Recording:
        """At most `count` frames, evenly spaced over the recording; always the same ones."""
        if count >= len(self):
            return self
        chosen = np.linspace(0, len(self) - 1, count).round().astype(np.int64)
        labels = None if self.labels is None else self.labels[chosen]
        values = tuple(v[chosen] for v in self.values)
        return replace(self, values=values, labels=labels, period_us=None, fresh=())


def settled(frames: int, fresh: Sequence[int], warm_up: int) -> NDArray[np.bool_]:
    """Of each frame, whether `warm_up` others lie between it and the beginning, or the gap, before it."""
    found = np.ones(frames, np.bool_)
    for start in (0, *fresh):
        found[start : start + warm_up] = False
    return found


def quantize(values: NDArray[np.float32], spec: Spec) -> Array:
    """Physical values to the input's dtype, rounding half away from zero; float inputs pass."""
    if spec.dtype == "float32":
        return np.ascontiguousarray(values, dtype=np.float32)
    low, high = spec.limits
    found = spool.zeros(values.shape, spec.dtype)
    for part in spool.parts(len(values), values, found):
        if spec.scale is None:
            rounded = values[part].astype(np.float64)
        else:
            with np.errstate(over="ignore"):  # what is infinite is clamped, too
                quotients = values[part].astype(np.float32) / np.float32(spec.scale)
            # In double the added half is exact; in float32 0.49999997 + 0.5 would already be 1.
            quotient = quotients.astype(np.float64)
            rounded = np.trunc(quotient + np.copysign(0.5, quotient)) + (spec.zero_point or 0)
        found[part] = np.clip(rounded, low, high)
    return found


def dequantize(values: Array, spec: Spec) -> NDArray[np.float32]:
    """The input's dtype to physical values: scale * (q - zero_point) in float32, as TFLite does it."""
    found = spool.zeros(values.shape, np.float32)
    for part in spool.parts(len(values), values, found):
        if spec.scale is None:
            found[part] = values[part].astype(np.float32)
        else:
            difference = (values[part].astype(np.int64) - (spec.zero_point or 0)).astype(np.float32)
            found[part] = np.float32(spec.scale) * difference
    return found


def load(
    path: Path,
    inputs: Sequence[Spec],
    window: int | None = None,
    hop: int | None = None,
    labels: Path | None = None,
    period_us: float | None = None,
    signal: Input | None = None,
    columns: Columns | None = None,
) -> Recording:
    """Read a recording for a model with these inputs.

    window, hop: rows of a stream (default: what the input needs; one window after another).
    labels: a file of labels, one a frame or one a row, instead of those in the recording.
    period_us: microseconds between two model inputs, instead of the recording's own timestamps.
    signal, columns: [input] and [recording] of tinyedge.toml.
    Raises UsageError with what is wrong in one sentence.
    """
    content = sample_file.read(Path(path), signal, columns, [spec.name for spec in inputs])
    return fit(content, inputs, window, hop, labels, period_us, columns)


def fit(
    content: SampleFile,
    inputs: Sequence[Spec],
    window: int | None = None,
    hop: int | None = None,
    labels: Path | None = None,
    period_us: float | None = None,
    columns: Columns | None = None,
) -> Recording:
    """As `load`, from a file that has been read."""
    path = content.path
    if not inputs:
        raise UsageError("the model has no inputs", "check the model")
    for name, count in (("window", window), ("hop", hop)):
        if count is not None and count < 1:
            raise UsageError(f"{name} is {count}", f"choose a {name} of 1 row or more")
    given = content.labels
    if labels is not None:
        given = sample_file.read_labels(Path(labels), columns, content)
    source = path if labels is None else Path(labels)
    arrays = _match(content, inputs)
    notes = (*content.notes, *_quantized(arrays, inputs))
    rows = len(arrays[0])
    starts: NDArray[np.int64] | None = None
    breaks = windows.breaks(content.seconds)
    length = 1
    if len(inputs) == 1:
        length = _stream(content, arrays[0], inputs[0], window)
        if length:
            starts = windows.begin(path, rows, length, hop or length, breaks)
            arrays = [windows.cut(arrays[0], starts, length).reshape(-1, *inputs[0].frame)]
    elif window is not None:
        raise UsageError("several inputs cannot be fed by windows", "store one array per input name")
    values = tuple(_frames(path, a, spec) for a, spec in zip(arrays, inputs, strict=True))
    frames = len(values[0])
    for spec, value in zip(inputs, values, strict=True):
        if len(value) != frames:
            raise UsageError(
                f"{path}: {inputs[0].name} has {frames} frames, {spec.name} has {len(value)}",
                "give every input as many",
            )
    if frames == 0:
        raise UsageError(f"{path} holds no samples", "record at least one model input")
    step = _step(content)
    return Recording(
        path,
        tuple(inputs),
        values,
        _window_labels(source, given.values if given else None, frames, rows, starts, length),
        period_us if period_us is not None else _period(step, starts, hop or length),
        given.classes if given else (),
        given.ordered if given else True,
        given.words if given else False,
        None if step is None else 1 / step,
        len(breaks),
        windows.fresh(starts, breaks),
        (*notes, f"{source.name}: {given.note}") if given and given.note else notes,
        content.channels if all(content.channels) else (),
    )


def _match(content: SampleFile, inputs: Sequence[Spec]) -> list[Array]:
    """The file's array of each input."""
    arrays, path = content.arrays, content.path
    if not arrays:
        raise UsageError(f"{path} holds no samples", "store them as `x`")
    if len(inputs) == 1 and len(arrays) == 1:
        found: list[Array | None] = [next(iter(arrays.values()))]
    else:
        found = [arrays.get(spec.name, arrays.get(plain(spec.name))) for spec in inputs]
        if len(inputs) == 1 and found[0] is None:
            found = [arrays.get("x")]
    matched = []
    for spec, array in zip(inputs, found, strict=True):
        if array is None:
            raise UsageError(
                f"{path} has no array for the model's input {plain(spec.name)!r}, only {', '.join(arrays)}",
                "Store one array per input name" + (", or `x`." if len(inputs) == 1 else "."),
            )
        if array.ndim == 0:
            raise UsageError(
                f"{path}: the array for {plain(spec.name)!r} is a single number",
                f"give it the shape [N, {_dims(spec.frame)}]",
            )
        matched.append(array)
    return matched


def _quantized(arrays: Sequence[Array], inputs: Sequence[Spec]) -> Iterator[str]:
    """What is said of integers that are taken as the model's own, though of another type."""
    for array, spec in zip(arrays, inputs, strict=True):
        if array.dtype.kind in "iu" and spec.dtype not in ("float32", str(array.dtype)):
            yield f"`{plain(spec.name)}`: {array.dtype} taken as values already quantised"


def _stream(content: SampleFile, array: Array, spec: Spec, window: int | None) -> int:
    """Rows in one model input, or 0 when the array holds whole model inputs."""
    path = content.path
    if array.ndim != 2 or (not content.table and window is None):
        if window is not None and array.ndim != 2 and array.shape[1:] not in (spec.frame, spec.shape):
            raise UsageError(
                f"{path} has shape {list(array.shape)}, a stream for windows has [rows, channels]",
                "leave out the window, or store the stream",
            )
        return 0
    channels = array.shape[1]
    if channels == spec.size and window in (None, 1):
        return 1
    if window is None:
        # The last dimensions of the input must be the channels of one row: [.., 25, 6] is 25 rows of 6.
        fits = {math.prod(spec.frame[i:]): math.prod(spec.frame[:i]) for i in range(1, len(spec.frame))}
        if channels not in fits:
            named = f" ({text.listed(content.channels)})" if any(content.channels) else ""
            raise UsageError(
                f"{path} has {channels} columns of numbers{named},"
                f" the model's input is [{_dims(spec.frame)}]",
                "name the model's channels, `channels = [...]` under [input] of tinyedge.toml, or say how"
                " many rows make one input: `window`",
            )
        return fits[channels]
    if window * channels != spec.size:
        raise UsageError(
            f"{path}: {window} rows of {channels} columns are {window * channels} numbers, "
            f"the model's input [{_dims(spec.frame)}] takes {spec.size}",
            "choose the window that the model was trained with",
        )
    return window


def _frames(path: Path, array: Array, spec: Spec) -> Array:
    """Check shape and type of [N, ...] and give float32 or the model's integer type."""
    if array.ndim == 1 and spec.size == 1:
        array = array[:, None]
    if array.shape[1:] not in (spec.frame, spec.shape):
        raise UsageError(
            f"{path} has shape {list(array.shape)}, the model's input {plain(spec.name)!r} needs "
            f"[N, {_dims(spec.frame)}]",
            "reshape the array, or give a window when it is a stream of rows",
        )
    array = array.reshape(len(array), *spec.frame)
    if array.dtype.kind == "f" or spec.dtype == "float32":
        return _floats(path, array, spec)
    if array.dtype == np.dtype(spec.dtype) and array.flags.c_contiguous:
        return array
    low, high = spec.limits
    strange = array.dtype.kind == "u" and low < 0 and array.dtype != np.dtype(spec.dtype)
    values = spool.zeros(array.shape, spec.dtype)
    for part in spool.parts(len(array), array, values):
        wrong = np.argwhere((array[part] < low) | (array[part] > high))
        if wrong.size or strange:
            place = (part.start + int(wrong[0][0]), *map(int, wrong[0][1:])) if wrong.size else None
            what = f"is {array[place]} at frame {place[0]}" if place else f"is {array.dtype}"
            raise UsageError(
                f"{path}: `{plain(spec.name)}` {what}, the model's input is {spec.dtype} ({low} to {high})",
                f"store physical values as float, or values already quantised as {spec.dtype}",
            )
        values[part] = array[part]
    return values


def _floats(path: Path, array: Array, spec: Spec) -> NDArray[np.float32]:
    ready = array.dtype == np.float32 and array.flags.c_contiguous
    values: NDArray[np.float32] = array if ready else spool.zeros(array.shape, np.float32)
    whole = spec.dtype != "float32" and spec.scale is None
    for part in spool.parts(len(values), values, array):
        if not ready:
            with np.errstate(over="ignore"):
                values[part] = array[part]
        if not np.isfinite(values[part]).all():
            frame = part.start + int(np.argwhere(~np.isfinite(values[part]))[0][0])
            raise UsageError(
                f"{path}: a value in frame {frame} is too large for a float32",
                "scale the recording to what the model was trained with",
            )
        if whole and (values[part] != np.trunc(values[part])).any():
            raise UsageError(
                f"{path} holds fractions, the model's input {plain(spec.name)!r} is plain {spec.dtype}",
                "store integers",
            )
    return values


def _window_labels(
    path: Path,
    labels: NDArray[np.int64] | None,
    frames: int,
    rows: int,
    starts: NDArray[np.int64] | None,
    length: int,
) -> NDArray[np.int64] | None:
    if labels is None:
        return None
    if starts is not None and len(labels) == rows:
        return np.fromiter((_most(labels[at : at + length]) for at in starts), np.int64, len(starts))
    if len(labels) != frames:
        per_row = f" or {rows} rows" if starts is not None else ""
        raise UsageError(
            f"{path} has {len(labels)} labels for {frames} frames{per_row}", "give one label a frame"
        )
    return labels


def _most(labels: NDArray[np.int64]) -> int:
    values, counts = np.unique(labels, return_counts=True)
    best = set(values[counts == counts.max()].tolist())
    return next(int(label) for label in labels[::-1] if int(label) in best)


def _step(content: SampleFile) -> float | None:
    """Seconds between two rows by the recording's clock; gaps do not count."""
    if content.rate_hz is not None:
        return 1 / content.rate_hz
    return None if content.seconds is None else times.step(content.seconds) or None


def _period(step: float | None, starts: NDArray[np.int64] | None, hop: int) -> float | None:
    """Microseconds between two model inputs."""
    if step is None:
        return None
    return step * 1e6 * (hop if starts is not None else 1)


def _dims(shape: tuple[int, ...]) -> str:
    return ", ".join(str(n) for n in shape)
