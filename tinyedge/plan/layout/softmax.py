# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a softmax of bytes, gives it with the table that kernels without vectors read."""

from __future__ import annotations

import numpy as np

from tinyedge.ops import Call
from tinyedge.plan.layout import parts


def softmax(call: Call) -> Call:
    """A last entry of 0, for all distances that have none of their own."""
    exp = parts.arrays(call)["exp"]
    if parts.number(call, "exps") > np.iinfo(np.uint8).max:
        return call
    return parts.changed(call, arrays={"exp": parts.relaid(exp, np.append(exp.data, np.int32(0)))})
