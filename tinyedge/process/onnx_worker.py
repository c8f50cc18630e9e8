# SPDX-License-Identifier: Apache-2.0
"""Takes an ONNX model, gives what onnx2tf makes of it, and what ONNX Runtime computes with it.

A process of its own that model/onnx_file.py runs, in the environment of onnx2tf. It stands in this room since
it may import nothing that needs more than numpy.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tinyedge.process import worker

MODEL, MADE = Path("model.onnx"), Path("made")
SEED = 7


def convert(names: list[str]) -> bytes:
    """The float32 .tflite of MODEL, whose inputs keep their names and shapes; the batch is 1."""
    import onnx2tf

    onnx2tf.convert(
        input_onnx_file_path=str(MODEL),
        output_folder_path=str(MADE),
        keep_shape_absolutely_input_names=names,
        copy_onnx_input_output_names_to_tflite=True,
        batch_size=1,
        non_verbose=True,
    )
    return (MADE / "model_float32.tflite").read_bytes()


def elsewhere(data: bytes) -> list[str]:
    """Paths that a model wants its numbers from, which may be anybody's files: "" where it names none."""
    import onnx

    found: list[str] = []
    waiting: list[Any] = [onnx.load_model_from_string(data)]
    while waiting:  # tensors stand in graphs, nodes, functions, and in graphs of nodes
        message = waiting.pop()
        if getattr(message, "external_data", ()) or getattr(message, "data_location", 0):
            found.append(
                next((entry.value for entry in message.external_data if entry.key == "location"), "")
            )
        for field, value in message.ListFields():
            if field.message_type is not None:
                waiting.extend([value] if hasattr(value, "ListFields") else value)
    return found


def session() -> Any:
    """MODEL in ONNX Runtime, on the CPU, without optimisations that change results."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(str(MODEL), options, providers=["CPUExecutionProvider"])


def sample(port: Any, rng: np.random.Generator) -> Any:
    """Random numbers for an input, a batch of 1; ValueError where another dimension is open."""
    first, *rest = port.shape or [1]
    sizes = [first if isinstance(first, int) else 1, *rest]
    if not port.shape or not all(isinstance(size, int) and size > 0 for size in sizes):
        raise ValueError(f"its input {port.name!r} has shape {port.shape}: export it with fixed sizes")
    if port.type == "tensor(float)":
        return rng.normal(0, 1, sizes).astype(np.float32)
    raise ValueError(f"its input {port.name!r} is {port.type}: only float inputs can be quantised")


def main() -> None:
    """Answer requests until stdin ends. An answer with "error" is what is wrong with the model."""

    def answer(request: dict[str, Any], arrays: list[Any], progress: Any) -> Any:
        data = arrays[0].tobytes()
        try:
            files = sorted(set(elsewhere(data)))
            if files:
                return {"error": f"it keeps numbers in {files[0]!r}: save the model in one file"}, []
            MODEL.write_bytes(data)
            runtime = session()
            rng = np.random.default_rng(SEED)
            inputs = {port.name: sample(port, rng) for port in runtime.get_inputs()}
            outputs = runtime.run(None, inputs)
            made = convert(list(inputs))
        except (
            Exception,
            SystemExit,
        ) as error:  # whatever it raises is the answer; the parent names the model
            lines = str(error).strip().splitlines() or [type(error).__name__]
            return {"error": lines[0]}, []
        names = {"inputs": list(inputs), "outputs": [port.name for port in runtime.get_outputs()]}
        return names, [np.frombuffer(made, np.uint8), *inputs.values(), *outputs]

    worker.serve(answer)
