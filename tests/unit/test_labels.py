# SPDX-License-Identifier: Apache-2.0
"""What a layer is called where the converter calls it nothing."""

from __future__ import annotations

import pytest

from tinyedge.model import labels


@pytest.mark.parametrize(
    ("output", "constants", "wanted"),
    [
        ("model/conv/Relu;model/conv/BiasAdd", ["model/conv/Conv2D"], "model/conv/Relu"),
        ("Identity", ["functional_1/scores/MatMul", "arith.constant"], "functional_1/scores"),
        ("StatefulPartitionedCall:0", ["arith.constant1", "tfl.pseudo_qconst"], "softmax 1x10"),
        ("PartitionedCall_1", [], "softmax 1x10"),
        ("tfl.quantize", ["StatefulPartitionedCall/scores/MatMul"], "StatefulPartitionedCall/scores"),
        ("tensor7", ["bias"], "softmax 1x10"),
        ("identity_of_mine", [], "identity_of_mine"),
        ("", [], "layer"),
    ],
)
def test_a_layer_is_called_as_its_author_would(output: str, constants: list[str], wanted: str) -> None:
    assert labels.of("softmax", output, (1, 10), constants) == wanted
