# SPDX-License-Identifier: Apache-2.0
"""Takes what a model gave and the labels, gives scores, AUC or accuracy: how good, not how exact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyedge.recording import spool

Array = NDArray[Any]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Metric:
    """How a replay is rated: kind "auc", "accuracy" or "none"; score (for auc) "mse" or "output"."""

    kind: str
    score: str = "mse"

    def scores(self, inputs: Array, outputs: Array) -> NDArray[np.float64] | None:
        """The anomaly score of each frame, None unless the metric is an AUC.

        inputs, outputs: physical values [N, ...]. "mse" is the mean squared difference of the two, which must
        have equally many elements a frame; "output" the last element of the output.
        """
        if self.kind != "auc":
            return None
        flat = outputs.reshape(len(outputs), -1)
        if self.score == "output":
            return flat[:, -1].astype(np.float64)
        fed = inputs.reshape(flat.shape)
        found = np.empty(len(flat), np.float64)
        for part in spool.parts(len(flat), flat, fed):
            errors = (fed[part].astype(np.float64) - flat[part].astype(np.float64)) ** 2
            found[part] = errors.mean(axis=1)
        return found

    def rate(
        self, inputs: Array, outputs: Array, labels: Labels, judged: NDArray[np.bool_] | None = None
    ) -> float | None:
        """AUC (label 0 is normal, anything else an anomaly) or the share of frames classified as labelled.

        judged: which of the frames; None: all. None where it has no value: metric "none", or an AUC with one
        kind of label only.
        """
        judged = np.ones(len(labels), np.bool_) if judged is None else judged
        scores = self.scores(inputs, outputs)
        if scores is not None:
            return auc(labels[judged], scores[judged])
        return _right(labels[judged], classes(outputs)[judged]) if self.kind == "accuracy" else None


def choose(input_size: int, output_size: int, labelled: bool) -> Metric:
    """The metric when the user names none, by the elements of one input and one output.

    An output as large as the input reconstructs it; one element is a score; more are classes.
    """
    if not labelled:
        return Metric("none")
    if output_size == input_size:
        return Metric("auc", "mse")
    return Metric("auc", "output") if output_size == 1 else Metric("accuracy")


def auc(labels: Labels, scores: NDArray[np.float64], most: float | None = None) -> float | None:
    """Area under the ROC curve; None when all labels are of one kind, where it is not defined.

    most: only up to this share of false alarms, standardised as McClish does it.
    """
    anomaly = labels != 0
    if anomaly.all() or not anomaly.any():
        return None
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(anomaly, scores, max_fpr=most))


def accuracy(labels: Labels, outputs: Array) -> float:
    """The share of frames that are put into their labelled class."""
    return _right(labels, classes(outputs))


def classes(outputs: Array) -> Labels:
    """The class of each frame: its largest output, or whether a lone output reaches one half."""
    flat = outputs.reshape(len(outputs), -1)
    found = np.empty(len(flat), np.int64)
    for part in spool.parts(len(flat), flat):
        found[part] = flat[part].argmax(axis=1) if flat.shape[1] > 1 else flat[part, 0] >= 0.5
    return found


def _right(labels: Labels, decided: Labels) -> float:
    return float(np.mean(decided == labels))
