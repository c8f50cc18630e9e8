# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a convolution whose only output pixel sees all of its input, gives it as a dense layer.

Kernels of convolutions make several pixels at once, and would make this one as often.
"""

from __future__ import annotations

from dataclasses import replace

from tinyedge.ops import Call, Constant

ONE = ("batches", "groups", "out_height", "out_width")
KEPT = ("channel_step", "out_zero_point", "out_min", "out_max")


def as_dense(call: Call) -> Call | None:
    """The same bytes from the same arrays; None where there are more pixels, or inputs that no tap meets."""
    params = call.params
    whole = all(params[f"kernel_{side}"] == params[f"in_{side}"] for side in ("height", "width"))
    if not whole or params["pad_top"] or params["pad_left"] or any(params[name] != 1 for name in ONE):
        return None
    weights = next(a for a in call.arguments if isinstance(a, Constant) and a.role == "weights")
    rows = weights.data.reshape(weights.data.shape[0], -1)
    dense = {"batches": 1, "depth": rows.shape[1], "channels": rows.shape[0], "once": 0}
    arguments = tuple(
        replace(a, data=rows, laid_from=weights.held) if a is weights else a for a in call.arguments
    )
    kept = {name: params[name] for name in KEPT}
    return replace(
        call,
        contract="fully_connected",
        kernel="fully_connected_s8",
        params=dense | kept,
        arguments=arguments,
        ordered=False,
    )
