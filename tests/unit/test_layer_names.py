# SPDX-License-Identifier: Apache-2.0
"""Names that TensorFlow gives to tensors are those of the author's layers again."""

from __future__ import annotations

from tinyedge.model.keras import names


def test_layer_names() -> None:
    known = names.Names(("relu", "conv", "conv_1"), ("first", "second"))
    assert known.of("model_1/relu_1/Relu;model_1/conv_1/convolution") == "conv_1"
    assert known.of("model_1/relu_1/Relu;model_1/other/Mul") == "relu"
    assert known.of("Identity") == known.of("StatefulPartitionedCall:0") == "first"
    assert known.of("Identity_1") == known.of("PartitionedCall:1") == "second"
    assert known.of("strange") == "strange"
