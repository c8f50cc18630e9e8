# SPDX-License-Identifier: Apache-2.0
"""Takes the stages of a pipeline that has no network, gives its Model: one RESHAPE, which costs nothing.

Parts that are too small for a network decide by distances of features (`mahalanobis`, `kmeans`, `gmm`). All
else is as it is with one: LiteRT speaks for the RESHAPE, and the stages stand before and behind it.
"""

from __future__ import annotations

import hashlib

import numpy as np

from tinyedge.blocks import attach
from tinyedge.blocks.attach import Front
from tinyedge.errors import UsageError
from tinyedge.graph import Graph, Op, Quantization, Source, Tensor
from tinyedge.model import Model
from tinyedge.oracle import model_file

NAME = "pipeline"
ORIGIN = "no network: the stages of a pipeline alone"


def load(front: Front, name: str | None = None) -> Model:
    """The model that hands on what `front` gives; UsageError where its values have no one unit."""
    name = name or NAME
    before = attach.alone(front, name)
    last = before.tensors[before.outputs[0]]
    scales = set(last.quantization.scale) if last.quantization is not None else set()
    if last.dtype not in ("int8", "int16") or len(scales) != 1:
        what = "values of several units" if len(scales) > 1 else last.dtype
        raise UsageError(
            f"the last stage gives {what}, and a pipeline without a network goes on with int16 of one",
            "put `normalize` behind it",
        )
    assert last.quantization is not None
    zero = last.quantization.zero_point[0]
    unit = Quantization((float(np.float32(min(scales))),), (zero,))
    fed = Tensor("features", (1, last.size), last.dtype, unit)
    said = Tensor("said", (1, last.size), last.dtype, unit)
    options = {"newShape": [1, last.size]}
    source = Source("RESHAPE", options_type="ReshapeOptions", options=options)
    op = Op("reshape", "said", ("features",), ("said",), source=source)
    data = model_file.write(Graph(name, {"features": fed, "said": said}, (op,), ("features",), ("said",)))
    return Model(data, name, hashlib.sha256(data).hexdigest(), ORIGIN, network=False)
