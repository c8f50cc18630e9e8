# SPDX-License-Identifier: Apache-2.0
"""Takes the Plan of one int8 model, gives the sources that make its image speak MLPerf Tiny's device
protocol.

MLCommons' runner (github.com/mlcommons/tiny, benchmark/runner) drives it; it finds its test by the model's
name.
"""

from __future__ import annotations

import math

import tinyedge
from tinyedge import names, paths, text
from tinyedge.errors import Unsupported
from tinyedge.plan import Plan
from tinyedge.text import template

REPLACES = ("runtime/main.c",)
_FOLDER = "protocols/mlperf"
_BITS = 32  # of a ratio's factor


def files(plan: Plan) -> dict[str, bytes]:
    """Path -> bytes. Unsupported for a model that the protocol has no words for."""
    graph = plan.graph
    tensors = [graph.tensors[name] for name in (*graph.inputs, *graph.outputs)]
    fits = len(graph.inputs) == len(graph.outputs) == 1 and not plan.state_size
    if not fits or any(t.dtype != "int8" or t.quantization is None for t in tensors):
        raise Unsupported(
            f"MLPerf Tiny's protocol knows one int8 input, one int8 output and no state, not {graph.name}",
            "build it without `--protocol mlperf`",
        )
    given, made = tensors
    rebuilds = given.shape == made.shape
    slots = {
        role: {
            "offset": plan.offsets[tensor.name],
            "size": tensor.nbytes,
            "zero_point": tensor.zero_point,
            "factor": ratio(tensor.scale)[0],
            "shift": ratio(tensor.scale)[1],
        }
        for role, tensor in (("input", given), ("output", made))
    }
    rendered = template.render(
        "mlperf_model.c.j2",
        version=text.word(tinyedge.__version__),
        name=names.prefix(graph.name).removeprefix("te_"),
        **slots,
        per_scale=ratio(1 / given.scale),
        rebuilds=int(rebuilds),
        received=given.nbytes * (4 if rebuilds else 1),
    )
    sources = sorted((paths.firmware() / _FOLDER).iterdir())
    return {f"{_FOLDER}/{file.name}": file.read_bytes() for file in sources} | {
        "mlperf_model.c": rendered.encode()
    }


def ratio(value: float) -> tuple[int, int]:
    """A positive number as factor / 2^shift, the factor of 32 bits; off by at most 2^-33 of it."""
    mantissa, exponent = math.frexp(value)
    factor = round(math.ldexp(mantissa, _BITS))
    return (factor, _BITS - exponent) if factor < 1 << _BITS else (factor >> 1, _BITS - exponent - 1)
