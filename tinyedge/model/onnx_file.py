# SPDX-License-Identifier: Apache-2.0
"""Takes an ONNX file, gives a float TFLite model that computes the same, by onnx2tf in its own process."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tinyedge import paths
from tinyedge.errors import ToolMissing, UsageError
from tinyedge.graph import Array
from tinyedge.model import tflite
from tinyedge.oracle import Oracle, flatbuffer, model_file
from tinyedge.process.environment import ONNX2TF
from tinyedge.process.worker import Lost, Worker

SECONDS = 900.0
CLOSE = 1e-3
"""By which outputs may differ, of the largest number in them: two libraries add up floats in two orders."""


def convert(path: Path) -> bytes:
    """Float32 TFLite bytes, whose inputs have the names and shapes of the ONNX file, with a batch of 1.

    Its outputs are compared with ONNX Runtime's. ToolMissing without onnx2tf; UsageError where it or ONNX
    Runtime refuse the model, or where they disagree. What was converted before is taken from our cache.
    """
    try:
        data = paths.read(path, tflite.MAX_BYTES)
    except OSError as error:
        raise UsageError(
            f"cannot read the model {path}: {error.strerror or error}", "check the path"
        ) from error
    key = hashlib.sha256(repr((ONNX2TF.folder.name, CLOSE)).encode() + data).hexdigest()
    cached = paths.cache() / "onnx" / f"{key}.tflite"
    if not cached.is_file():
        paths.write_atomic(cached, _converted(path, data))
    return tflite.read(cached)


def _converted(path: Path, data: bytes) -> bytes:
    if not ONNX2TF.there():
        raise ToolMissing(
            f"{path} is read by onnx2tf, in an environment of its own, which is not there", _how_to_make_it()
        )
    with paths.temporary() as folder:
        settings = {"HOME": str(folder), "TMPDIR": str(folder)}
        worker = Worker("tinyedge.process.onnx_worker", settings, folder, python=ONNX2TF.python)
        try:
            header, arrays = worker.ask({"do": "convert"}, [np.frombuffer(data, np.uint8)], SECONDS)
        except Lost as lost:
            raise UsageError(f"onnx2tf {lost.how} on {path}", "check that the file is whole") from lost
        finally:
            worker.close()
    if "error" in header:
        raise UsageError(f"{path} cannot be converted: {header['error']}", "change or export the model again")
    made, values = called(arrays[0].tobytes(), header["inputs"], header["outputs"]), arrays[1:]
    inputs = dict(zip(header["inputs"], values, strict=False))
    outputs = dict(zip(header["outputs"], values[len(inputs) :], strict=True))
    _compare(path, made, inputs, outputs)
    return made


def called(data: bytes, inputs: Sequence[str], outputs: Sequence[str]) -> bytes:
    """The model with inputs and outputs called as ONNX has it: onnx2tf writes `x__0` for `x:0`."""
    model = flatbuffer.unpack(data)
    graph = model.subgraphs[0]
    for names, numbers in ((inputs, graph.inputs), (outputs, graph.outputs)):
        plain = {_letters(name): name for name in names}
        for number in numbers:
            tensor = graph.tensors[int(number)]
            name = tensor.name.decode()
            tensor.name = (name if name in names else plain.get(_letters(name), name)).encode()
    return model_file.finished(model)


def _letters(name: str) -> str:
    return re.sub(r"\W|_", "", name)


def _how_to_make_it() -> str:
    steps = ONNX2TF.commands()
    if len(steps) == 1:
        least = ".".join(map(str, ONNX2TF.least))
        return (
            f"it needs Python {least} or newer: `{shlex.join(steps[0])}`, then `tinyedge doctor --onnx --fix`"
        )
    return "run: tinyedge doctor --onnx --fix"


def _compare(path: Path, made: bytes, inputs: dict[str, Array], outputs: dict[str, Array]) -> None:
    """Raise UsageError unless LiteRT computes what ONNX Runtime does, in the same shapes."""
    with Oracle(made, path.stem) as judge:
        feed: dict[int | str, Array] = {port.index: inputs[port.name][None] for port in judge.inputs}
        found = dict(zip([port.name for port in judge.outputs], judge.run_many(feed), strict=True))
    for name, wanted in outputs.items():
        actual = found.get(name, np.zeros(0))[0] if name in found else np.zeros(0)
        what = f"onnx2tf makes output {name!r} {list(actual.shape)} of {path}, which has {list(wanted.shape)}"
        if actual.shape != wanted.shape:
            raise UsageError(
                what, "let the model end in a layer without height and width, or transpose there"
            )
        most = float(np.abs(wanted).max(initial=0.0))
        apart = float(np.abs(actual.astype(np.float64) - wanted).max(initial=0.0))
        if not apart <= CLOSE * max(most, 1e-6):
            what = f"of {path} onnx2tf makes a model whose output {name!r} is off by {apart:g} (of {most:g})"
            raise UsageError(what, "report the model to onnx2tf")
