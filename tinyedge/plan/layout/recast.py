# SPDX-License-Identifier: Apache-2.0
"""Takes a Call, gives the same bytes from the kernel of another operator that is better at it."""

from __future__ import annotations

from dataclasses import replace

from tinyedge.ops import Call
from tinyedge.plan.layout import parts

ONE = ("batches", "groups", "out_height", "out_width")
KEPT = ("channel_step", "out_zero_point", "out_min", "out_max")


def as_dense(call: Call) -> Call | None:
    """A convolution whose only output pixel sees all of its input, as a dense layer.

    None where there are more pixels, or inputs that no tap meets. Kernels of convolutions make several pixels
    at once, and would make this one as often.
    """
    params = call.params
    whole = all(params[f"kernel_{side}"] == params[f"in_{side}"] for side in ("height", "width"))
    if not whole or params["pad_top"] or params["pad_left"] or any(params[name] != 1 for name in ONE):
        return None
    weights = parts.arrays(call)["weights"]
    rows = weights.data.reshape(weights.data.shape[0], -1)
    dense = {"batches": 1, "depth": rows.shape[1], "channels": rows.shape[0], "once": 0}
    turned = parts.changed(call, arrays={"weights": parts.relaid(weights, rows)})
    return replace(
        turned,
        contract="fully_connected",
        kernel="fully_connected_s8",
        params=dense | {name: params[name] for name in KEPT},
        ordered=False,
    )


def as_convolution(call: Call) -> Call | None:
    """A depthwise convolution whose outputs share a single input channel; None where they do not."""
    channels = parts.number(call, "out_channels")
    if parts.number(call, "in_channels") > 1 or channels == 1:
        return None
    weights = parts.arrays(call)["weights"]
    turned = parts.changed(
        call, arrays={"weights": parts.relaid(weights, weights.data.reshape(-1, channels).T)}
    )
    params = {name: value for name, value in call.params.items() if name != "multiplier"}
    kernel = call.kernel.removeprefix("depthwise_")
    return replace(turned, contract="conv_2d", kernel=kernel, params=params | {"groups": 1})
