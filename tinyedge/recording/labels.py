# SPDX-License-Identifier: Apache-2.0
"""Takes a column or an array of labels, gives a class number for every row, and the names of classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinyedge.errors import UsageError
from tinyedge.recording import formats, spool


@dataclass(frozen=True)
class Labels:
    """values: int64 [N]. classes: the name of each number, () where labels are plain numbers.

    ordered: whether the user gave the order of `classes`, which an AUC needs (class 0 is normal). note: how
    they were read, where that is not plain. words: whether the file has the names, which `classes` numbers.
    """

    values: NDArray[np.int64]
    classes: tuple[str, ...] = ()
    ordered: bool = True
    note: str = ""
    words: bool = False


def of_column(
    what: str, column: NDArray[np.generic] | list[str], classes: Sequence[str] | None = None
) -> Labels:
    """The labels of a column of integers or of words; without `classes` words are numbered alphabetically.

    what: the column or array, for messages.
    """
    if not isinstance(column, list) and column.dtype.kind in "US" and column.ndim == 1:
        column = [str(word) for word in column.tolist()]
    if not isinstance(column, list):
        return Labels(_integers(what, column), tuple(classes or ()))
    if "" in column:
        raise UsageError(f"{what} has no label for sample {column.index('')}", "give every row a label")
    found = sorted(set(column))
    formats.check_words(what, found)
    known = tuple(classes) if classes is not None else tuple(found)
    numbers = {name: number for number, name in enumerate(known)}
    strangers = sorted(set(found) - set(known))
    if strangers:
        raise UsageError(
            f"{what} has the label {strangers[0]!r}, the classes are {', '.join(known)}",
            "correct `classes` under [recording]: the order of the model's outputs",
        )
    values = spool.zeros((len(column),), np.int64)
    for part in spool.parts(len(column), values):
        values[part] = [numbers[word] for word in column[part]]
    return Labels(values, known, classes is not None, words=True)


def of_intervals(first: NDArray[np.int64], behind: NDArray[np.int64], labels: Labels, rows: int) -> Labels:
    """Labels of `rows` rows: that of the interval they lie in, from its first row to the one behind it.

    Elsewhere class 0. With words, rows outside every interval are of the first class where no interval is of
    it (as where the user names the normal class first), else of a class "" put in front.
    """
    outside = bool(labels.classes) and bool((labels.values == 0).any())
    values = spool.zeros((rows,), np.int64)
    for start, end, value in zip(first.tolist(), behind.tolist(), labels.values.tolist(), strict=True):
        for part in spool.parts(end - start, values):
            values[start + part.start : start + part.stop] = value + outside
    classes = ("", *labels.classes) if outside else labels.classes
    said = "intervals are laid by seconds since the first row"
    return Labels(values, classes, labels.ordered or outside, said, labels.words)


def _integers(what: str, values: NDArray[np.generic]) -> NDArray[np.int64]:
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1 or values.dtype.kind not in "biuf":
        raise UsageError(
            f"{what} is {values.dtype} of shape {list(values.shape)}, not integers or words [N]",
            "number the classes from 0, or give their names",
        )
    found = spool.zeros(values.shape, np.int64)
    for part in spool.parts(len(values), values, found):
        numbers = values[part].astype(np.float64)
        right = np.isfinite(numbers) & (numbers == np.trunc(numbers)) & (abs(numbers) < 2**53)
        if not right.all():
            at = int(np.flatnonzero(~right)[0])
            raise UsageError(
                f"{what}: label {part.start + at} is {numbers[at]}", "labels are integers or words"
            )
        found[part] = numbers
    return found
