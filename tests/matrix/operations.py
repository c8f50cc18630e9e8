# SPDX-License-Identifier: Apache-2.0
"""Cases over keras.ops, each between two dense layers, which make it part of a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.matrix import Case

ROWS, WIDTH = 4, 6

_UNARY = """
abs absolute arctan ceil clip cos erf exp expm1 floor log log1p logical_not negative reciprocal relu round
rsqrt sigmoid sign silu sin softmax sqrt square tanh
"""
_POSITIVE = ("log", "log1p", "reciprocal", "rsqrt", "sqrt")
_BINARY = """
add arctan2 divide equal floor_divide greater greater_equal less less_equal logical_and logical_or maximum
minimum mod multiply not_equal power subtract true_divide
"""
_REDUCING = "all any amax amin argmax argmin logsumexp max mean min prod std sum var"
_POSITIVE_PAIRS = ("divide", "floor_divide", "mod", "power", "true_divide")

_SHAPING: dict[str, Callable[[Any, Any], Any]] = {
    "argsort": lambda ops, x: ops.argsort(x),
    "broadcast_to": lambda ops, x: ops.broadcast_to(x[:, None], (1, 3, ROWS, WIDTH)),
    "cast": lambda ops, x: ops.cast(ops.cast(x, "int32"), "float32"),
    "concatenate": lambda ops, x: ops.concatenate([x, x * 2.0], axis=1),
    "cumprod": lambda ops, x: ops.cumprod(x, axis=1),
    "cumsum": lambda ops, x: ops.cumsum(x, axis=1),
    "diag": lambda ops, x: ops.diagonal(x, axis1=1, axis2=2),
    "diff": lambda ops, x: ops.diff(x),
    "dot": lambda ops, x: ops.matmul(x, ops.transpose(x, (0, 2, 1))),
    "einsum": lambda ops, x: ops.einsum("bij,bkj->bik", x, x),
    "expand_dims": lambda ops, x: ops.expand_dims(x, 2),
    "flip": lambda ops, x: ops.flip(x, axis=2),
    "moveaxis": lambda ops, x: ops.moveaxis(x, 1, 2),
    "norm": lambda ops, x: ops.norm(x, axis=-1),
    "normalize": lambda ops, x: ops.normalize(x),
    "one_hot": lambda ops, x: ops.one_hot(ops.argmax(x, axis=-1), WIDTH),
    "outer": lambda ops, x: x[:, :, :, None] * x[:, :, None, :],
    "pad": lambda ops, x: ops.pad(x, ((0, 0), (1, 2), (0, 1))),
    "pad_reflect": lambda ops, x: ops.pad(x, ((0, 0), (1, 2), (0, 1)), mode="reflect"),
    "ravel": lambda ops, x: ops.reshape(x, (-1, ROWS * WIDTH)),
    "repeat": lambda ops, x: ops.repeat(x, 2, axis=1),
    "roll": lambda ops, x: ops.roll(x, 2, axis=2),
    "slice": lambda ops, x: x[:, 1:3, ::2],
    "slice_update": lambda ops, x: ops.slice_update(x, (0, 1, 2), x[:, :2, :3]),
    "split": lambda ops, x: ops.split(x, 2, axis=2),
    "squeeze": lambda ops, x: ops.squeeze(ops.expand_dims(x, 1), 1),
    "stack": lambda ops, x: ops.stack([x, x * 0.5], axis=1),
    "take": lambda ops, x: ops.take(x, [2, 0, 2], axis=1),
    "tile": lambda ops, x: ops.tile(x, (1, 2, 1)),
    "top_k": lambda ops, x: ops.top_k(x, 2)[0],
    "transpose": lambda ops, x: ops.transpose(x, (0, 2, 1)),
    "tril": lambda ops, x: ops.tril(x),
    "unstack": lambda ops, x: ops.unstack(x, axis=1)[1],
    "where": lambda ops, x: ops.where(x > 0, x, x * 0.1),
}


def _whole(keras: Any, inner: Any) -> Any:
    """What the operation gives, as floats, behind a layer where there is a dimension for one."""
    results = [keras.ops.cast(part, "float32") for part in (inner if isinstance(inner, list) else [inner])]
    return [keras.layers.Dense(3)(part) if len(part.shape) > 1 else part for part in results]


def _one(name: str) -> Case:
    def build(keras: Any, x: Any) -> Any:
        x = keras.layers.Dense(WIDTH)(x)
        x = keras.ops.sigmoid(x) + 0.5 if name in _POSITIVE else x
        x = x > 0 if name == "logical_not" else x
        more = (-0.5, 0.7) if name == "clip" else ()
        return _whole(keras, getattr(keras.ops, name)(x, *more))

    return Case(((ROWS, WIDTH),), build)


def _two(name: str) -> Case:
    def build(keras: Any, a: Any, b: Any) -> Any:
        a, b = keras.layers.Dense(WIDTH)(a), keras.layers.Dense(WIDTH)(b)
        if name in _POSITIVE_PAIRS:
            a, b = keras.ops.sigmoid(a) + 0.5, keras.ops.sigmoid(b) + 0.5
        a, b = (a > 0, b > 0) if name.startswith("logical") else (a, b)
        return _whole(keras, getattr(keras.ops, name)(a, b))

    return Case(((ROWS, WIDTH), (ROWS, WIDTH)), build)


def _reduced(name: str) -> Case:
    def build(keras: Any, x: Any) -> Any:
        x = keras.layers.Dense(WIDTH)(x)
        x = x > 0 if name in ("all", "any") else x
        return _whole(keras, getattr(keras.ops, name)(x, axis=1))

    return Case(((ROWS, WIDTH),), build)


def _shaped(make: Callable[[Any, Any], Any]) -> Case:
    return Case(
        ((ROWS, WIDTH),),
        lambda keras, x: _whole(keras, make(keras.ops, keras.layers.Dense(WIDTH)(x))),
    )


CASES = {
    **{f"one_{name}": _one(name) for name in _UNARY.split()},
    **{f"two_{name}": _two(name) for name in _BINARY.split()},
    **{f"reduced_{name}": _reduced(name) for name in _REDUCING.split()},
    **{f"shaped_{name}": _shaped(make) for name, make in _SHAPING.items()},
}
