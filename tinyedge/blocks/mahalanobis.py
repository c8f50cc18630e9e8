# SPDX-License-Identifier: Apache-2.0
"""How many deviations features are from what is normal, correlations taken into account."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from tinyedge.blocks import Block, Parameters, Reals, Stream, distance
from tinyedge.errors import UsageError
from tinyedge.ops import Operator

KIND = "BLOCK_MAHALANOBIS"


class Mahalanobis(Parameters):
    """of: the network's "input" or "output"; mean [n] and covariance [n][n] of it, else learnt.

    regularisation: added to the variances when they are learnt, as a share of the largest.
    """

    of: Literal["input", "output"] = "output"
    mean: tuple[float, ...] | None = None
    covariance: tuple[tuple[float, ...], ...] | None = None
    regularisation: Annotated[float, Field(ge=0, le=1)] = 1e-6

    @property
    def unlearnt(self) -> str:
        """As Parameters."""
        return "" if self.mean is not None and self.covariance is not None else "mean and covariance"


def append(stream: Stream, wanted: Mahalanobis, name: str) -> Stream:
    """The distance, int32 [1, 1]."""
    covariance, mean = np.array(wanted.covariance), np.array(wanted.mean)
    if covariance.shape != (mean.size, mean.size):
        raise UsageError(
            f"block 'mahalanobis': covariance {list(covariance.shape)} beside a mean of {mean.size}",
            "leave both out: they are learnt",
        )
    try:
        whitening = np.linalg.inv(np.linalg.cholesky(covariance))
    except np.linalg.LinAlgError:
        raise UsageError(
            "block 'mahalanobis': the covariance has no inverse: a feature is constant, or follows another",
            "raise `regularisation`, or leave that feature out",
        ) from None
    centre = np.zeros((1, mean.size))
    return distance.append(stream, wanted.of, KIND.lower(), name, whitening, mean, centre)


def learn(values: Reals, wanted: Mahalanobis, runs_an_hour: float | None = None) -> Parameters:
    """Mean and covariance of values [runs, ...]."""
    flat = values.reshape(len(values), -1)
    covariance = np.atleast_2d(np.cov(flat, rowvar=False))
    covariance = covariance + np.eye(len(covariance)) * wanted.regularisation * covariance.max()
    found = {"mean": tuple(flat.mean(axis=0).tolist()), "covariance": tuple(map(tuple, covariance.tolist()))}
    return wanted.model_copy(update=found)


def reference(values: Reals, wanted: Mahalanobis, stream: Stream) -> Reals:
    """Of [runs, ...]: scipy's."""
    from scipy.spatial.distance import cdist

    flat, centre = values.reshape(len(values), -1), np.array(wanted.mean)[None]
    return np.asarray(cdist(flat, centre, "mahalanobis", VI=np.linalg.inv(np.array(wanted.covariance))))


def source(stream: Stream, wanted: Mahalanobis) -> str:
    return distance.source(stream, wanted.of)


block = Block(
    Mahalanobis,
    append,
    reference,
    place="behind",
    source=source,
    learn=learn,
    bound="2^-8 * (sqrt(n) + 1) for n numbers, of scipy.spatial.distance.mahalanobis",
)
operator = Operator((KIND,), distance.infer, distance.calls, macs=distance.macs)
