# SPDX-License-Identifier: Apache-2.0
"""Takes a float TFLite model and the ranges of its tensors, gives what Google's quantizer makes of it.

A process of its own that float_file.py runs: the package prints, and brings libraries that nobody else needs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinyedge.oracle import flatbuffer, model_file
from tinyedge.process import worker

BITS = {"int8": 8, "int16x8": 16}
"""Of activations; weights have 8, one scale a channel."""


def quantize(model: bytes, scheme: str, ranges: dict[str, Any]) -> bytes:
    """The model with integer tensors, inputs and outputs included; what the package cannot do stays float.

    ranges: by the name of each float activation {"min": array, "max": array}, of its rank and one element.
    """
    from litert_quantizer import Quantizer, recipe

    recipes = {8: recipe.static_wi8_ai8, 16: recipe.static_wi8_ai16}
    given = flatbuffer.unpack(model)
    given.signatureDefs = []  # where an output stays float, the package goes through them, none or not
    quantizer = Quantizer(model_file.finished(given), recipes[BITS[scheme]]())
    return bytes(quantizer.quantize(ranges, enable_progress_report=False).quantized_model)


def main() -> None:
    """Answer requests until stdin ends. An answer with "error" is the package's own refusal."""

    def answer(request: dict[str, Any], arrays: list[Any], progress: Any) -> Any:
        model, lows, highs = arrays
        ranges = {
            name: {"min": np.full((1,) * rank, low), "max": np.full((1,) * rank, high)}
            for name, rank, low, high in zip(request["names"], request["ranks"], lows, highs, strict=True)
        }
        try:
            data = quantize(model.tobytes(), request["scheme"], ranges)
        except Exception as error:  # whatever it raises is the answer; the parent names the model
            text = str(error).strip() or type(error).__name__
            return {"error": text.splitlines()[0]}, []
        return {}, [np.frombuffer(data, np.uint8)]

    worker.serve(answer)
