# SPDX-License-Identifier: Apache-2.0
"""Takes what TensorFlow made of a model, gives all reasons why it cannot be built, by the user's layers."""

from __future__ import annotations

from collections.abc import Iterable

from tinyedge import passes
from tinyedge.errors import TinyedgeError, Unsupported
from tinyedge.graph import Graph, Op
from tinyedge.model import tflite
from tinyedge.model.keras import tensor_table
from tinyedge.model.keras.names import Names
from tinyedge.passes import reading

INT16 = "quantise it with `--scheme int8`, which has more operators, or replace the layer"

_INSTEAD = (
    (
        "avgpool3d conv3d conv3dbackpropinputv2 conv3dtranspose maxpool3d",
        "2D layers: one dimension as channels, or `TimeDistributed` over it",
    ),
    (
        "acos acosh asin asinh atan atanh digamma erf erfc erfinv lgamma",
        "an activation that TensorFlow Lite has, such as `tanh`, `sigmoid` or `gelu`",
    ),
    ("resizebicubic scaleandtranslate", '`interpolation="bilinear"` or `"nearest"`'),
    (
        "fft fft2d ifft imag irfft real rfft rfft2d complexabs",
        "blocks before the model, `[[preprocess]]` in tinyedge.toml, which make spectra in integers",
    ),
    (
        "bucketize categoryencoding densebincount stringlower stringtohashbucketfast",
        "do this before the model, and feed it the result",
    ),
    (
        "argmax argmin topkv2 uniquev2 where nonmaxsuppressionv3 nonmaxsuppressionv4 nonmaxsuppressionv5",
        "end the model with the scores, and choose among them in C",
    ),
    ("cumprod pow", "`multiply`, as often as it takes"),
    ("matrixdiagpartv3", "multiply by a constant `eye`, then sum"),
)
"""Names of operators, TensorFlow's and TensorFlow Lite's without `_`, and what to write instead of them."""


_NEVER = ("Conv3D", "Conv3DBackpropInputV2", "RFFT", "RFFT2D", "Bucketize", "Cumprod")


def instead(kind: str, scheme: str = "int8") -> str:
    """What to write instead of an operator, under TensorFlow's or TensorFlow Lite's name."""
    plain = kind.replace("_", "").lower()
    for kinds, told in _INSTEAD:
        if plain in kinds.split():
            return f"instead of {kind}: {told}"
    return INT16 if scheme == "int16x8" else reading.REPLACE


def is_refused(kind: str) -> bool:
    """Is it one that is known to have no integer form, whatever the model?"""
    return kind in _NEVER


def obstacles(data: bytes, names: Names, scheme: str, why: str = "") -> list[Unsupported]:
    """Every reason for which this integer model cannot be built. why: what TensorFlow said of float in it."""
    try:
        graph = passes.legalize(tflite.lower(data, "model"))
    except TinyedgeError as error:
        left = [f"{names.of(name)!r} ({kind})" for kind, name in tensor_table.read(data).islands]
        more = f"; float in {', '.join(left)}" if left else ""
        return [Unsupported(f"{error}{more}", error.hint)]
    found = [problem for op in graph.ops for problem in _of_layer(graph, op, names, scheme)]
    if not found:
        ends = (graph.tensors[name] for name in (*graph.inputs, *graph.outputs))
        real = [names.of(tensor.name) for tensor in ends if tensor.dtype == "float32"]
        told = why or "it is not quantised"
        found = [
            Unsupported(f"{name!r} stays float32 ({told})", "replace the layer that makes it")
            for name in real
        ]
    return found or reading.problems(graph)


def _of_layer(graph: Graph, op: Op, names: Names, scheme: str) -> Iterable[Unsupported]:
    if op.kind in reading.BORDER:
        return
    tensors = [graph.tensors[name] for name in (*op.outputs, *filter(None, op.inputs))]
    if any(tensor.dtype.startswith("float") for tensor in tensors):
        what = f"{_place(graph, op, names)} ({op.kind.upper()}): TensorFlow leaves it in float"
        yield Unsupported(what, instead(op.kind, scheme))
        return
    try:
        reading.check(graph, reading.understood(graph, op))
    except Unsupported as error:
        told = str(error).replace(f"layer {op.name!r}", _place(graph, op, names), 1)
        yield Unsupported(told, error.hint)


def _place(graph: Graph, op: Op, names: Names) -> str:
    """The author's layer that an operator belongs to, or between which layers it stands."""
    makers, readers = graph.makers(), graph.readers()

    def above(name: str) -> list[str]:
        return list(graph.activations(makers[name])) if name in makers else []

    def below(name: str) -> list[str]:
        return [target for reader in readers[name] for target in reader.outputs]

    return names.place(op.outputs[0] if op.outputs else op.name, above, below)
