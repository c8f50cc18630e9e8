# SPDX-License-Identifier: Apache-2.0
"""Takes the name of an operator or a function of TensorFlow, says whether it only computes.

The names come from TensorFlow itself, by the module that defines them: files, sockets, Python, threads and
look-up tables have modules of their own, and so would what the next version adds for them.
"""

from __future__ import annotations

import re
from typing import Any

_FAMILIES = (
    "array|bitwise|clip|control_flow|functional|image|linalg|list|manip|math|nn|random|resource_variable"
    "|sort|special_math|spectral|state|stateless_random|stateless_random_v2|string"
)
_COMPUTING = re.compile(rf"tensorflow\.python\.ops\.(?:\w+\.)*(?:gen_)?(?:{_FAMILIES})_(?:ops|impl)(?:_\w+)?")
_FUNCTIONS = (
    "tensorflow.python.ops.tensor_getitem_override",
    "tensorflow.python.framework.tensor_conversion",
)
# Of those families, what maps a file into memory, ends the process, or asks another machine.
_APART = ("ImmutableConst", "Abort", "RemoteCall")
_TOO = ("Assert",)  # defined beside what prints into files


def operator(name: str) -> bool:
    """Whether the operator `name` of a graph, such as "AddV2", only computes and keeps variables."""
    import tensorflow as tf

    known = getattr(tf.raw_ops, name, None)
    return known is not None and name not in _APART and (name in _TOO or _is_computing(known))


def function(name: str) -> bool:
    """Whether `name`, as Keras 2 writes it for a function on tensors ("math.add"), only computes."""
    from tensorflow.python.util import tf_export

    known = None if name.startswith("raw_ops.") else tf_export.get_symbol_from_name(name)
    return known is not None and (_is_computing(known) or known.__module__ in _FUNCTIONS)


def _is_computing(known: Any) -> bool:
    return _COMPUTING.fullmatch(str(getattr(known, "__module__", ""))) is not None
