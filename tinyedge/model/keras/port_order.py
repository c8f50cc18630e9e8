# SPDX-License-Identifier: Apache-2.0
"""Takes a TFLite model that TensorFlow made by way of a SavedModel, gives it with the ports in their order.

On that way, which a function with variables takes, inputs and outputs are kept in a table by name, and come
out of it in any order. The file's signature has the names still.
"""

from __future__ import annotations

from collections.abc import Sequence

from tinyedge.oracle import flatbuffer, model_file


def restored(data: bytes, inputs: Sequence[str]) -> bytes:
    """The model with inputs in the order of these names, and outputs in that of their numbers."""
    model = flatbuffer.unpack(data)
    (signature,) = model.signatureDefs
    known = {each.name.decode(): int(each.tensorIndex) for each in signature.inputs}
    results = {each.name.decode(): int(each.tensorIndex) for each in signature.outputs}
    graph = model.subgraphs[0]
    assert set(known) == set(inputs) and set(known.values()) == {int(i) for i in graph.inputs}
    graph.inputs = [known[name] for name in inputs]
    if len(results) > 1:
        graph.outputs = [results[name] for name in sorted(results, key=lambda name: int(name.split("_")[-1]))]
    return model_file.finished(model)
