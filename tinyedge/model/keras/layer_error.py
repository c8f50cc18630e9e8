# SPDX-License-Identifier: Apache-2.0
"""Takes a model in float and in integers and its calibration frames, gives what quantising cost, by layer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyedge import ops
from tinyedge.build import Spec
from tinyedge.graph import Array
from tinyedge.model.keras import tensor_table
from tinyedge.model.keras.quantize import Quantized
from tinyedge.oracle import Oracle
from tinyedge.recording import Recording, dequantize, metrics, quantize
from tinyedge.recording.metrics import Metric

LAYER_FRAMES = 50  # enough for an error estimate; all tensors of all frames would take gigabytes
_BATCH_BYTES = 32 << 20

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class LayerError:
    """One tensor, float against integer, over frames and elements.

    name: the author's layer, kind: the operator, tensor: its TFLite name. rmse, largest: in physical units.
    sqnr_db: signal to quantisation noise; infinite when there is no error.
    """

    name: str
    kind: str
    tensor: str
    sqnr_db: float
    rmse: float
    largest: float


@dataclass(frozen=True)
class ErrorReport:
    """layers: worst first. outputs: the model's outputs alone. real, integer: the metric of both models.

    layer_frames and frames say over how many frames the errors and the metric were taken.
    """

    layers: tuple[LayerError, ...]
    outputs: tuple[LayerError, ...]
    layer_frames: int
    metric: str
    real: float | None
    integer: float | None
    frames: int


@dataclass
class _Sums:
    signal: float = 0.0
    noise: float = 0.0
    largest: float = 0.0
    count: int = 0

    def add(self, real: Array, integer: Array) -> None:
        wanted, error = real.astype(np.float64), integer.astype(np.float64) - real
        self.signal += float((wanted * wanted).sum())
        self.noise += float((error * error).sum())
        self.largest = max(self.largest, float(np.abs(error).max(initial=0.0)))
        self.count += error.size

    def give(self, name: str, kind: str, tensor: str) -> LayerError:
        if self.noise == 0:
            ratio = math.inf
        else:
            ratio = 10 * math.log10(self.signal / self.noise) if self.signal > 0 else -math.inf
        return LayerError(name, kind, tensor, ratio, math.sqrt(self.noise / max(self.count, 1)), self.largest)


def measure(quantized: Quantized, progress: Progress | None = None) -> ErrorReport:
    """Run both models on LiteRT's reference kernels and compare the tensors that bear the same name.

    Layers over at most LAYER_FRAMES frames spread over the calibration data, the metric over all of them.
    """
    frames = quantized.recording
    chosen = frames.spread(LAYER_FRAMES)
    judged = len(frames) if frames.labels is not None else 0
    total = 2 * (len(chosen) + judged)
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        if progress is not None:
            progress(done, total)

    with Oracle(quantized.real, "float") as real, Oracle(quantized.data, "integer") as integer:
        layers, outputs = _layers(quantized, chosen, real, integer, advance)
        metric, scores = _rate(quantized, frames, real, integer, advance)
    ranked = sorted(layers, key=lambda layer: (layer.sqnr_db, layer.tensor))
    return ErrorReport(tuple(ranked), tuple(outputs), len(chosen), metric.kind, *scores, judged)


def _layers(
    quantized: Quantized, chosen: Recording, real: Oracle, integer: Oracle, advance: Callable[[int], None]
) -> tuple[list[LayerError], list[LayerError]]:
    whole, small = tensor_table.read(quantized.real), tensor_table.read(quantized.data)
    twins = {written.spec.name: written for written in small.written}
    # Border operators of the integer model repeat a tensor under a name of their own: they have no twin.
    ends = {spec.name for spec in whole.outputs}
    pairs = [
        (a, twins[a.spec.name])
        for a in whole.written
        if a.spec.name in twins
        and a.spec.dtype == "float32"
        # A view has its input's error.
        and (not ops.is_view(a.kind) or a.spec.name in ends)
    ]
    sums = {a.index: _Sums() for a, _ in pairs}
    nbytes = sum(4 * a.spec.size for a, _ in pairs)
    step = max(1, _BATCH_BYTES // max(nbytes, 1))
    for first in range(0, len(chosen), step):
        batch = [values[first : first + step] for values in chosen.values]
        wanted = real.tensors_many(_feed(real, batch), [a.index for a, _ in pairs])
        found = integer.tensors_many(_feed(integer, batch), [b.index for _, b in pairs])
        for a, b in pairs:
            sums[a.index].add(wanted[a.index], dequantize(found[b.index], b.spec))
        advance(2 * len(batch[0]))
    named = {
        a.spec.name: sums[a.index].give(quantized.names.of(a.spec.name), a.kind, a.spec.name)
        for a, _ in pairs
    }
    outputs = [named[spec.name] for spec in whole.outputs if spec.name in named]
    return list(named.values()), outputs


def _feed(oracle: Oracle, values: list[Array]) -> Mapping[int | str, Array]:
    """Float frames [N, ...] in the form that this model takes."""
    feed: dict[int | str, Array] = {}
    for port, array in zip(oracle.inputs, values, strict=True):
        feed[port.index] = quantize(array, _spec(port)).reshape(len(array), *port.shape)
    return feed


def _spec(port: Any) -> Spec:
    scale, zero = port.scale, port.zero_point
    return Spec(port.name, port.shape, port.dtype, scale[0] if scale else None, zero[0] if zero else None)


def _rate(
    quantized: Quantized, frames: Recording, real: Oracle, integer: Oracle, advance: Callable[[int], None]
) -> tuple[Metric, tuple[float | None, float | None]]:
    """The metric that fits the model's shape, float and integer; None without labels."""
    size, port = frames.inputs[0].size, integer.outputs[0]
    metric = metrics.choose(size, _spec(port).size, frames.labels is not None)
    if frames.labels is None:
        return metric, (None, None)
    found = []
    for oracle in (real, integer):
        output = oracle.run_many(_feed(oracle, list(frames.values)))[0]
        found.append(
            metric.rate(frames.values[0], dequantize(output, _spec(oracle.outputs[0])), frames.labels)
        )
        advance(len(frames))
    return metric, (found[0], found[1])
