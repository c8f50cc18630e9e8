# SPDX-License-Identifier: Apache-2.0
"""Takes a confusion, gives the classes in the order of the outputs, where labels plainly have another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinyedge import text
from tinyedge.build import CLOSED

Numbers = NDArray[np.int64]
_FRAMES = 10
_SHARE = 0.75
"""A class is another output's where it has so many labelled frames, and such a share is decided so."""


@dataclass(frozen=True)
class Order:
    """Classes in the order that the model's outputs seem to have, and the accuracy in it, a share of 1.

    given: the accuracy in the order that the labels have. words: whether labels are words, which `classes`
    under [recording] numbers; else they are numbers, and `classes` their names.
    """

    __pydantic_config__ = CLOSED
    classes: tuple[str, ...]
    accuracy: float
    given: float
    words: bool


def find(table: Numbers, names: Sequence[str], known: int, words: bool) -> Order | None:
    """The order of `names` by a confusion [labels, decisions and a last column of none]; None: not plain.

    known: how many of the names were given, and are not numbers. Plain it is where each class that moves has
    frames enough, nearly all decided as one other class, and what has no frames has but one place left.
    """
    from scipy.optimize import linear_sum_assignment

    counted = table[:, :-1]
    frames = counted.sum(axis=1)
    labelled = np.flatnonzero(frames)
    rows, columns = linear_sum_assignment(counted[labelled], maximize=True)
    output_of = dict(zip(labelled[rows].tolist(), columns.tolist(), strict=True))
    told = {
        label: counted[label, output] >= _SHARE * table[label].sum() and frames[label] >= _FRAMES
        for label, output in output_of.items()
    }
    moved = [label for label, output in output_of.items() if label != output]
    # A model that always says the same tells nothing of the order.
    if "" in names or not moved or not all(told[label] for label in moved) or sum(told.values()) < 2:
        return None
    found: list[str | None] = [None] * len(names)
    for label, output in output_of.items():
        found[output] = names[label]
    silent = [at for at in range(known) if at < len(names) and at not in output_of]
    homeless = [at for at in silent if found[at] is not None]
    for at in set(silent) - set(homeless):
        found[at] = names[at]
    free = [at for at, name in enumerate(found) if name is None]
    if homeless and (len(homeless), len(free)) != (1, 1):
        return None
    for at in free:
        found[at] = names[homeless[0]] if homeless else str(at)
    total = int(table.sum())
    return Order(
        classes=tuple(str(name) for name in found),
        accuracy=float(counted[labelled][rows, columns].sum() / total),
        given=float(np.trace(counted) / total),
        words=words,
    )


def inverted(auc: float, labels: Numbers, first: str | None, words: bool) -> str:
    """That what counts as normal has the high scores, in a sentence; "" where it is not plain.

    first: the name of class 0, None where that is a number. words: as for an Order.
    """
    normal = int(np.count_nonzero(labels == 0))
    if auc > 1 - _SHARE or min(normal, len(labels) - normal) < _FRAMES:
        return ""
    name = "label 0" if first is None else text.toml(first)
    where = "the first of `classes` under [recording] of tinyedge.toml" if words else "label 0"
    return (
        f"scores are high in frames of {name}, which count as normal, and low in others: the other way round"
        f" the AUC is {1 - auc:.4f} instead of {auc:.4f}; normal is {where}"
    )


def sentence(order: Order) -> str:
    """What is to be written where, and what accuracy that gives."""
    gives = f"gives an accuracy of {order.accuracy:.4f} instead of {order.given:.4f}"
    if order.words:
        told = ", ".join(map(text.toml, order.classes))
        unknown = [f'"{at}"' for at, name in enumerate(order.classes) if name == str(at)]
        if unknown:
            gives += f" ({', '.join(unknown)} has no frame: its name is not known)"
        return (
            "the model's outputs seem to be in another order than the classes:"
            f" `classes = [{told}]` under [recording] of tinyedge.toml {gives}"
        )
    told = ", ".join(f"{name} as {at}" for at, name in enumerate(order.classes) if name != str(at))
    return (
        "the model's outputs seem to be in another order than the numbers of the labels:"
        f" writing {told} in the recording or its labels {gives}"
    )
