# SPDX-License-Identifier: Apache-2.0
"""Takes what TensorFlow's converter said of a model, gives an error that speaks of the author's layers."""

from __future__ import annotations

import re
from typing import Any

from tinyedge.errors import Unsupported, UsageError, together
from tinyedge.model.keras import load as keras_load
from tinyedge.model.keras import refusal, tensor_table
from tinyedge.model.keras.names import Names
from tinyedge.passes import instead

_LABELS = ("Flex ops:", "TF Select ops:", "Custom ops:")
_NOT_IN_16_BITS = re.compile(r"Quantization to 16x8-bit not yet supported for op: '(\w+)'")
_UNMEASURED = re.compile(r"should be recorded during calibration: Failed for tensor (\S+)")
_UNREAD = re.compile(r"Unsupported input type INT16 for input tensor (\d+) of type FLOAT32")
_RESULT = re.compile(r"(.+)_result_\d+")


def of(name: str, error: Exception, names: Names, graph: Any, real: bytes = b"") -> UsageError:
    """The error, without the page of advice about the converter's own options.

    graph: TensorFlow's, where it has come so far; real: the float model in TFLite, the same.
    """
    text = str(error)
    if "TensorList" in text:
        return Unsupported(
            f"{name} has a loop: a recurrent layer in a SavedModel", "give the .keras or .h5 file"
        )
    kinds = _lacking(text)
    found = _unknown(kinds, names, graph) if kinds and graph is not None else []
    narrow = _NOT_IN_16_BITS.search(text)
    if narrow and real:
        found = _without_int16(narrow[1], names, real)
    unread = _UNREAD.search(text)
    if unread and graph is not None:
        port = graph.inputs[int(unread[1])].op.name
        found = [_unread(port)]
    unmeasured = _UNMEASURED.search(text)
    if unmeasured:
        what = f"{names.of(unmeasured[1])!r}: TensorFlow's calibration gives no range of it"
        found = [Unsupported(what, instead.INT16)]
    if found:
        return together(f"{name} cannot be converted", found)
    return UsageError(
        f"TensorFlow cannot convert {name}: {keras_load.reason(error)}",
        "see which layer that is, and replace it or export the model again",
    )


def _unread(port: str) -> Unsupported:
    """Of an input that goes to an output as it is; a long recurrent layer's result is one (stepping.py)."""
    layer = _RESULT.fullmatch(port)
    if layer:
        what = f"the output is what layer {layer[1]!r} gives, which TensorFlow cannot quantise to 16 bits"
        return Unsupported(
            what, "put a layer behind it, a Dense or the like, or quantise with `--scheme int8`"
        )
    what = f"it does not use its input {port!r}, which TensorFlow cannot quantise to 16 bits"
    return Unsupported(what, "make the model without it, or quantise it with `--scheme int8`")


def _lacking(text: str) -> list[str]:
    """TensorFlow's names of the operators that its converter says TensorFlow Lite does not have."""
    for line in text.splitlines():
        for label in _LABELS:
            if line.strip().startswith(label):
                told = line.split(":", 1)[1].split(",")
                return [kind.strip().removeprefix("Flex") for kind in told if kind.strip()]
    return []


def _unknown(kinds: list[str], names: Names, graph: Any) -> list[Unsupported]:
    """Where they are used; and what else in TensorFlow's graph has no integer form."""
    found = []
    for operation in graph.get_operations():
        kind = operation.type
        what = ""
        if kind in kinds:
            what = "TensorFlow Lite does not have it"
        elif refusal.is_refused(kind):
            what = "TensorFlow leaves it in float"
        if what:
            place = names.place(operation.name, _above(graph), _below(graph))
            found.append(Unsupported(f"{place} ({kind}): {what}", instead.of(kind)))
    return found


def _above(graph: Any) -> Any:
    return lambda name: [tensor.op.name for tensor in graph.get_operation_by_name(name).inputs]


def _below(graph: Any) -> Any:
    return lambda name: [
        reader.name for tensor in graph.get_operation_by_name(name).outputs for reader in tensor.consumers()
    ]


def _without_int16(kind: str, names: Names, real: bytes) -> list[Unsupported]:
    layers = [
        names.of(written.spec.name)
        for written in tensor_table.read(real).written
        if written.kind == kind.lower()
    ]
    return [
        Unsupported(f"layer {layer!r} ({kind}): TensorFlow has no form of it with 16 bits", instead.INT16)
        for layer in dict.fromkeys(layers)
    ]
