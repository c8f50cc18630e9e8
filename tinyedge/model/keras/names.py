# SPDX-License-Identifier: Apache-2.0
"""Takes a name that TensorFlow gave to a tensor or a node, gives the author's name of the layer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

# The results of a traced function, in order; TensorFlow drops the layer's name there.
_RESULT = re.compile(r"(?:Identity|(?:Stateful)?PartitionedCall)(?:[_:](\d+))?(?:;.*)?")
Step = Callable[[str], Iterable[str]]
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
        return self._layer(tensor) or ("output" if _RESULT.fullmatch(tensor) else tensor)

    def place(self, tensor: str, above: Step, below: Step) -> str:
        """The layer that wrote a tensor; where it is none's, the operation, and the layers next to it.

        above, below: names of the tensors that one is made of, and of those made of it.
        """
        layer = self._layer(tensor)
        if layer is not None:
            return f"layer {layer!r}"
        near = [self._nearest(tensor, step) for step in (above, below)]
        sides = zip(("after", "before"), near, strict=True)
        what = f"the operation {_last(tensor.split(';')[0])!r}"
        if None not in near:
            return f"{what} between {near[0]!r} and {near[1]!r}"
        return " ".join((what, *(f"{side} {name!r}" for side, name in sides if name is not None)))

    def _nearest(self, tensor: str, step: Step) -> str | None:
        """The first layer that one comes to from a tensor."""
        seen, waiting = {tensor}, [tensor]
        for name in waiting:
            layer = self._layer(name)
            if layer is not None:
                return layer
            new = [other for other in dict.fromkeys(step(name)) if other not in seen]
            seen.update(new)
            waiting += new
        return None

    def _layer(self, tensor: str) -> str | None:
        result = _RESULT.fullmatch(tensor)
        if result:
            number = int(result[1] or 0)
            return self.outputs[number] if number < len(self.outputs) else None
        # Of several fused layers the one that has the weights comes first.
        for path in sorted(tensor.split(";"), key=lambda path: not _last(path).startswith(_WEIGHTED)):
            for part in reversed(path.split("/")):
                for name in (part, part.rsplit("_", 1)[0]):
                    if name in self.layers:
                        return name
        return None


def _last(path: str) -> str:
    return path.split("/")[-1]
