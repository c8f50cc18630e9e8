# SPDX-License-Identifier: Apache-2.0
"""What TensorFlow's converter says of numbers is told of the author's layers."""

from __future__ import annotations

from types import SimpleNamespace

from tinyedge.model.keras import explanation
from tinyedge.model.keras.names import Names


def test_the_result_of_a_long_layer_is_told_by_the_layer() -> None:
    ports = [SimpleNamespace(op=SimpleNamespace(name=name)) for name in ("x", "gru_result_0")]
    graph = SimpleNamespace(inputs=ports)
    for number, told in enumerate(("does not use its input 'x'", "is what layer 'gru' gives")):
        said = f"Unsupported input type INT16 for input tensor {number} of type FLOAT32"
        error = explanation.of("model.keras", RuntimeError(said), Names((), ()), graph)
        assert told in str(error) and "--scheme int8" in error.hint
