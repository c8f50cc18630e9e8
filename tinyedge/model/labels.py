# SPDX-License-Identifier: Apache-2.0
"""Takes what a TFLite file calls an operator's tensors, gives what its author would call the layer.

A layer is called after its output, as far as the converter says what that is; outputs of the model it calls
Identity or PartitionedCall. Then constants bear the layer's name: those of `functional_1/scores` are called
`functional_1/scores/MatMul`. Without any, it is the operator and the shape that it gives.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_NOTHING = re.compile(r"(?:Identity|(?:Stateful)?PartitionedCall|tfl\.\w+|arith\.\w+|tensor)[_:]?\d*")
"""Names that a converter makes up."""


def of(kind: str, output: str, shape: Sequence[int], constants: Sequence[str]) -> str:
    """kind: the operator; output: its first, of this shape; constants: what it reads that has data."""
    # Up to where the converter lists what it fused.
    name = output.split(";")[0] or "layer"
    if _NOTHING.fullmatch(name) is None:
        return name
    owners = (constant.split(";")[0].rpartition("/")[0] for constant in constants)
    owner = next((path for path in owners if path and _NOTHING.fullmatch(path) is None), "")
    return owner or f"{kind} {'x'.join(map(str, shape)) or 'scalar'}"
