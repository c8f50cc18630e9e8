# SPDX-License-Identifier: Apache-2.0
"""Takes a name that TensorFlow gave to a tensor or a node, gives the author's name of the layer."""

from __future__ import annotations

import re
from dataclasses import dataclass

# The results of a traced function, in order; TensorFlow drops the layer's name there.
_RESULT = re.compile(r"(?:Identity|(?:Stateful)?PartitionedCall)(?:[_:](\d+))?(?:;.*)?")
_WEIGHTED = ("Conv", "conv", "depthwise", "MatMul")


@dataclass(frozen=True)
class Names:
    """layers: the author's names, () where they are not known. outputs: the layers that give the results."""

    layers: tuple[str, ...]
    outputs: tuple[str, ...]

    def of(self, tensor: str) -> str:
        """The layer that wrote a tensor, or the tensor's own name.

        Converted names are paths like `model_1/relu_1/Relu;model_1/conv_1/BiasAdd`: fused operators are
        joined by `;`, and tracing may have added `_1`.
        """
        result = _RESULT.fullmatch(tensor)
        if result:
            number = int(result[1] or 0)
            return self.outputs[number] if number < len(self.outputs) else "output"
        # Of several fused layers the one that has the weights comes first.
        for path in sorted(tensor.split(";"), key=lambda path: not _last(path).startswith(_WEIGHTED)):
            for part in reversed(path.split("/")):
                for name in (part, part.rsplit("_", 1)[0]):
                    if name in self.layers:
                        return name
        return tensor


def _last(path: str) -> str:
    return path.split("/")[-1]
