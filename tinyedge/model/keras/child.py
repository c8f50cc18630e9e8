# SPDX-License-Identifier: Apache-2.0
"""Takes a model's path, then calibration arrays, on stdin; gives TFLite bytes on stdout.

Started by `tinyedge.model.keras.quantize` as a process of its own: TensorFlow takes seconds to import, and
writes to stdout and stderr from C++ as it likes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tinyedge.errors import TinyedgeError, Unsupported, UsageError
from tinyedge.model.keras import explanation, port_order, recurrent, rewriting, stepping, tensor_table
from tinyedge.model.keras import load as keras_load
from tinyedge.model.keras.names import Names
from tinyedge.model.keras.stepping import Loop
from tinyedge.process import worker
from tinyedge.process.messages import Array, Message

RECURRENT = (
    "take one step a call: stateful=True and an input of (1, 1, features); or shorter sequences, Conv1D "
    "layers, or an LSTM with Keras' default activations and no mask"
)
_INT16X8 = "EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8"


@dataclass(frozen=True)
class Traced:
    """A network as one function of fixed shapes. owner: what keeps its variables, None where it has none.

    kept: widths of its last inputs, which its last outputs are of the next call. carrying: as Recurrent has.
    loops: layers that it has holes for; watch: the whole network, whose first outputs are what they are told.
    """

    function: Any
    owner: Any = None
    kept: tuple[int, ...] = ()
    carrying: tuple[str, ...] = ()
    loops: tuple[Loop, ...] = ()
    watch: Any = None

    def run(self, tensors: list[Any]) -> list[Any]:
        """Outputs of the whole network, in order, behind what loops are told."""
        import tensorflow as tf

        return list(tf.nest.flatten((self.watch or self.function)(*map(tf.constant, tensors))))

    @property
    def inputs(self) -> list[str]:
        """Names of the function's inputs, in order."""
        return [tensor.name.split(":")[0] for tensor in self.function.inputs if tensor.dtype != "resource"]

    def ordered(self, data: bytes) -> bytes:
        """What TensorFlow made of it, with inputs and outputs in the function's order."""
        return data if self.owner is None else port_order.restored(data, self.inputs)

    def converter(self) -> Any:
        """A new converter of TensorFlow for it."""
        import tensorflow as tf

        return tf.lite.TFLiteConverter.from_concrete_functions([self.function], self.owner)


def trace(
    network: keras_load.Network, shapes: list[list[int]], scheme: str = "int8", single: bool = False
) -> Traced:
    """Trace it, an LSTM as a `single` operator where that can be; Unsupported names all that cannot."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    specs = [
        tf.TensorSpec(shape, dtype, name)
        for shape, dtype, name in zip(shapes, network.dtypes, network.names, strict=True)
    ]
    probes = _probes(specs) if network.recurrent else []
    # In order, since a layer may keep something from one to the next.
    wanted = [network.call(*probe) for probe in probes]
    layers = recurrent.Recurrent(network.recurrent, single)
    kept = tuple(width for _, width in layers.kept)
    states = [tf.TensorSpec([1, width], tf.float32, name) for name, width in layers.kept]
    owner = tf.Module()
    owner.function = tf.function(
        lambda *tensors: layers.watch(network.call, tensors), input_signature=[*specs, *states]
    )
    concrete = owner.function.get_concrete_function()
    if layers.problems:
        raise Unsupported("; ".join(dict.fromkeys(layers.problems)), RECURRENT)
    if layers.fused and any(layer.stateful for layer in network.recurrent):
        # In float its operator starts from zeros in every call; only TFLite's goes on.
        wanted, probes = wanted[:1], probes[:1]
    loops, watch = tuple(layers.stepping.loops), concrete
    _compare(wanted, _run(Traced(watch).run, probes, kept))
    if loops:
        back = [spec for loop in loops for spec in loop.back()]
        owner.function = tf.function(
            lambda *tensors: layers.cut(network.call, tensors), input_signature=[*specs, *states, *back]
        )
        concrete = owner.function.get_concrete_function()
        loops = tuple(layers.stepping.cuts)
    if layers.fused or _writes(concrete.graph):
        # TensorFlow recognises an LSTM by a function that freezing would dissolve; and what is written is no
        # constant.
        owner.variables_of_function = list(concrete.graph.variables)
        return Traced(concrete, owner, kept, tuple(layers.carrying), loops, watch)
    # LiteRT's calibrator cannot run models that read variables.
    frozen = convert_variables_to_constants_v2(concrete, lower_control_flow=False)
    return Traced(rewriting.rewrite(frozen, scheme), None, kept, (), loops, watch)


def _writes(graph: Any) -> bool:
    """Whether it leaves something in a variable for its next call."""
    kinds = {operation.type for operation in graph.get_operations()}
    kinds |= {node.op for function in graph.as_graph_def().library.function for node in function.node_def}
    return any(kind.startswith("Assign") for kind in kinds)


def _probes(specs: list[Any]) -> list[list[Any]]:
    """Two random frames."""
    import tensorflow as tf

    random = np.random.default_rng(0)
    return [[tf.cast(random.normal(size=spec.shape), spec.dtype) for spec in specs] for _ in range(2)]


def _run(
    step: Callable[[list[Any]], list[Any]], frames: Iterable[list[Any]], kept: Sequence[int]
) -> Iterator[tuple[list[Any], list[Any]]]:
    """(all inputs, outputs) of each frame in turn; what is kept is zeros before the first."""
    states: list[Any] = [np.zeros((1, width), np.float32) for width in kept]
    for frame in frames:
        given = [*frame, *states]
        results = step(given)
        outputs = len(results) - len(states)
        states = results[outputs:]
        yield given, results[:outputs]


def _compare(wanted: list[list[Any]], found: Iterable[tuple[list[Any], list[Any]]]) -> None:
    for one, (_, other) in zip(wanted, found, strict=True):
        for a, b in zip(one, other[len(other) - len(one) :], strict=True):  # behind what loops are told
            if not np.allclose(a, b, rtol=1e-4, atol=1e-5):
                raise RuntimeError(f"rebuilt recurrent layers differ by {np.abs(a - b).max()}")


def to_float(traced: Traced) -> bytes:
    """The network in float32, without any optimisation that changes numbers."""
    return traced.ordered(traced.converter().convert())


def to_integer(
    traced: Traced, scheme: str, samples: Callable[[], Iterator[list[Array]]], strict: bool
) -> bytes:
    """The network in integers; with `strict` false, operators without an integer kernel stay in float."""
    import tensorflow as tf

    converter = traced.converter()
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter._experimental_variable_quantization = True
    converter.representative_dataset = samples if traced.owner is None else _named(traced.inputs, samples)
    sets = tf.lite.OpsSet
    wanted = sets.TFLITE_BUILTINS_INT8 if scheme == "int8" else getattr(sets, _INT16X8)
    converter.target_spec.supported_ops = [wanted] if strict else [wanted, sets.TFLITE_BUILTINS]
    converter.inference_input_type = tf.int8 if scheme == "int8" else tf.int16
    converter.inference_output_type = converter.inference_input_type
    return traced.ordered(converter.convert())


def _named(names: list[str], samples: Callable[[], Iterator[list[Array]]]) -> Callable[[], Iterator[Any]]:
    """The samples by the names of their inputs, whose order the converter changes."""
    return lambda: (dict(zip(names, sample, strict=True)) for sample in samples())


def convert(
    network: keras_load.Network,
    request: dict[str, Any],
    arrays: list[Array],
    progress: Callable[[int], None],
) -> tuple[dict[str, Any], list[bytes]]:
    """What to tell (why it is partly float, Traced's kept and carrying, holes) and models.

    These are TFLite, integer and float: the network, then the step of each hole.
    """
    name, scheme = request["name"], request["scheme"]
    names = Names(network.layers, network.outputs)
    traced, real = None, b""
    try:
        traced = trace(network, request["shapes"], scheme, request["single"])
        real = to_float(traced)
        _whole(real, names)
    except TinyedgeError as error:
        raise type(error)(f"{name} cannot be converted: {error}", error.hint) from None
    except Exception as error:
        raise explanation.of(name, error, names, traced and traced.function.graph) from None
    steps: list[list[list[Array]]] = [[] for _ in traced.loops]

    def samples() -> Iterator[list[Array]]:
        frames = (
            [np.ascontiguousarray(array[index][np.newaxis]) for array in arrays]
            for index in range(len(arrays[0]))
        )
        follows = traced.kept or traced.loops
        ran = _run(traced.run, frames, traced.kept) if follows else ((frame, []) for frame in frames)
        for index, (given, results) in enumerate(ran):
            progress(index + 1)
            told, back = stepping.split(traced.loops, results)
            for found, mine in zip(steps, told, strict=True):
                found += stepping.samples(mine)
            yield [np.asarray(value) for value in (*given, *back)]

    told = {
        "refused": "",
        "kept": len(traced.kept),
        "carrying": traced.carrying,
        "holes": [asdict(loop.hole) for loop in traced.loops],
    }
    refused, made = _integer(name, traced, scheme, samples, names, real)
    models = [made, real]
    for loop, found in zip(traced.loops, steps, strict=True):
        step = Traced(rewriting.rewrite(loop.trace(), scheme))
        real = to_float(step)
        why, made = _integer(name, step, scheme, functools.partial(iter, found), names, real)
        refused = refused or why
        models += [made, real]
    return told | {"refused": refused}, models


def _whole(real: bytes, names: Names) -> None:
    """UsageError where it computes with what is no number."""
    found = list(dict.fromkeys(f"{names.of(tensor)!r}" for tensor in tensor_table.broken(real)))
    if found:
        raise UsageError(
            f"what layer {found[0]} computes with is no number (NaN)",
            "its weights are broken, or a BatchNormalization has a negative variance: train it again",
        )


def _integer(
    name: str,
    traced: Traced,
    scheme: str,
    samples: Callable[[], Iterator[list[Array]]],
    names: Names,
    real: bytes,
) -> tuple[str, bytes]:
    """Why it is float in part, "" where it is not; TFLite."""
    try:
        return "", to_integer(traced, scheme, samples, strict=True)
    except Exception as error:
        try:
            mixed = to_integer(traced, scheme, samples, strict=False)
        except Exception:
            raise explanation.of(name, error, names, traced.function.graph, real) from None
        return keras_load.reason(error), mixed


def main() -> None:
    """Answer "load", then "convert", until stdin ends; an error that is not foreseen ends the process."""
    network: keras_load.Network | None = None

    def answer(request: dict[str, Any], arrays: list[Array], progress: Callable[[int], None]) -> Message:
        nonlocal network
        try:
            if request["do"] == "load":
                network = keras_load.load(Path(request["path"]), request["name"], request["trust"])
                return _describe(network), []
            assert network is not None, "load comes first"
            told, models = convert(network, request, arrays, progress)
            return told, [np.frombuffer(model, np.uint8) for model in models]
        except TinyedgeError as error:
            kind = type(error).__name__
            problems = [(str(each), each.hint) for each in getattr(error, "problems", ())]
            told = {"kind": kind, "message": str(error), "hint": error.hint, "problems": problems}
            return {"error": told}, []

    worker.serve(answer)


def _describe(network: keras_load.Network) -> dict[str, Any]:
    return {
        "names": network.names,
        "shapes": network.shapes,
        "dtypes": network.dtypes,
        "layers": network.layers,
        "outputs": network.outputs,
        "origin": network.origin,
    }
