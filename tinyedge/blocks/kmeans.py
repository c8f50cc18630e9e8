# SPDX-License-Identifier: Apache-2.0
"""How far features are from the nearest of several clusters of what is normal, each in its deviations."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from tinyedge.blocks import Block, Parameters, Reals, Stream, distance
from tinyedge.errors import UsageError
from tinyedge.ops import Operator

KIND = "BLOCK_KMEANS"


class Kmeans(Parameters):
    """of: the network's "input" or "output"; clusters: how many are learnt.

    centres [clusters][n], deviation [n]: what features are divided by; else learnt.
    """

    of: Literal["input", "output"] = "output"
    clusters: Annotated[int, Field(ge=1, le=256)] = 8
    centres: tuple[tuple[float, ...], ...] | None = None
    deviation: tuple[float, ...] | None = None

    @property
    def unlearnt(self) -> str:
        """As Parameters."""
        return "" if self.centres is not None and self.deviation is not None else "centres and deviation"


def append(stream: Stream, wanted: Kmeans, name: str) -> Stream:
    """The distance, int32 [1, 1]."""
    centres, deviation = np.array(wanted.centres), np.array(wanted.deviation)
    if centres.ndim != 2 or centres.shape[1] != deviation.size or not (deviation > 0).all():
        raise UsageError(
            f"block 'kmeans': centres {list(centres.shape)} beside {deviation.size} deviations above 0",
            "leave both out: they are learnt",
        )
    matrix, mean = np.diag(1 / deviation), centres.mean(axis=0)
    return distance.append(stream, wanted.of, KIND.lower(), name, matrix, mean, (centres - mean) / deviation)


def learn(values: Reals, wanted: Kmeans, runs_an_hour: float | None = None) -> Parameters:
    """Deviations of values [runs, ...], and the centres of scikit-learn's k-means in these."""
    from sklearn.cluster import KMeans

    flat = values.reshape(len(values), -1)
    spread = flat.std(axis=0)
    deviation = np.where(spread > 0, spread, spread.max() or 1.0)
    count = min(wanted.clusters, len(np.unique(flat, axis=0)))
    found = KMeans(count, n_init=4, random_state=0).fit(flat / deviation).cluster_centers_ * deviation
    # 9 digits: a thread more or less moves the last ones.
    centres = tuple(tuple(float(f"{v:.9g}") for v in row) for row in found)
    return wanted.model_copy(update={"centres": centres, "deviation": tuple(deviation.tolist())})


def reference(values: Reals, wanted: Kmeans, stream: Stream) -> Reals:
    """Of [runs, ...]: scipy's distances, of which the least."""
    from scipy.spatial.distance import cdist

    flat, deviation = values.reshape(len(values), -1), np.array(wanted.deviation)
    return np.asarray(cdist(flat / deviation, np.array(wanted.centres) / deviation).min(axis=1))[:, None]


def source(stream: Stream, wanted: Kmeans) -> str:
    return distance.source(stream, wanted.of)


block = Block(
    Kmeans,
    append,
    reference,
    place="behind",
    source=source,
    learn=learn,
    bound="2^-8 * (sqrt(n) + 1) for n numbers, of the distance in floating point",
)
operator = Operator((KIND,), distance.infer, distance.calls, macs=distance.macs)
