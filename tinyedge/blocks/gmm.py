# SPDX-License-Identifier: Apache-2.0
"""How unlikely features are under a mixture of Gaussians that was learnt from what is normal, in nats.

Each component's features are whitened as those of `mahalanobis`; its energy, half the squared distance and
the logarithm of its density's peak, has 16 fraction bits, and the energies' soft minimum is the score.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from tinyedge.arithmetic import logarithm
from tinyedge.blocks import Block, Parameters, Reals, Stream, distance
from tinyedge.errors import UsageError
from tinyedge.graph import Graph, Op, Quantization, Tensor
from tinyedge.ops import Call, Constant, Input, Operator, Output

KIND = "BLOCK_GMM"
STEP = 2.0**-8
"""Nats of one step of the score; energies have half of that squared, 2^-16."""
MOST = 2**24
"""Steps that a score is clamped to, either way: 65,536 nats."""
_FLOATS = tuple[float, ...]


class Gmm(Parameters):
    """of: the network's "input" or "output"; components: how many Gaussians are learnt.

    weights [k], means [k][n] and covariances [k][n][n]: else learnt. regularisation: added to the variances
    when they are learnt, as a share of the largest.
    """

    of: Literal["input", "output"] = "output"
    components: Annotated[int, Field(ge=1, le=16)] = 4
    weights: _FLOATS | None = None
    means: tuple[_FLOATS, ...] | None = None
    covariances: tuple[tuple[_FLOATS, ...], ...] | None = None
    regularisation: Annotated[float, Field(ge=0, le=1)] = 1e-6

    @property
    def unlearnt(self) -> str:
        """As Parameters."""
        known = self.weights is not None and self.means is not None and self.covariances is not None
        return "" if known else "weights, means and covariances"


def append(stream: Stream, wanted: Gmm, name: str) -> Stream:
    """Minus the logarithm of the density, int32 [1, 1]."""
    weights, means, covariances = map(np.array, (wanted.weights, wanted.means, wanted.covariances))
    if means.ndim != 2 or covariances.shape != (*means.shape, means.shape[-1]) or len(weights) != len(means):
        raise UsageError(
            f"block 'gmm': covariances {list(covariances.shape)} beside means {list(means.shape)}",
            "leave them out: they are learnt",
        )
    if not (weights > 0).all() or not 1 <= len(weights) <= 16:
        raise UsageError(f"block 'gmm': weights of {len(weights)} components", "1 to 16, each above 0")
    try:
        roots = np.linalg.cholesky(covariances)
    except np.linalg.LinAlgError:
        raise UsageError(
            "block 'gmm': a covariance has no inverse: a feature is constant, or follows another",
            "raise `regularisation`, or leave that feature out",
        ) from None
    whitening = np.linalg.inv(roots)
    size = means.shape[1]
    read = distance.features(stream, wanted.of, KIND.lower(), size)
    shifts = np.einsum("kij,kj->ki", whitening, means)
    attrs = distance.mapped("gmm", read, whitening.reshape(-1, size), shifts.ravel())
    determinants = np.log(np.diagonal(roots, axis1=1, axis2=2)).sum(axis=1)
    peaks = determinants + size / 2 * math.log(2 * math.pi) - np.log(weights / weights.sum())
    energies = tuple(int(v) for v in np.rint(peaks / STEP**2))
    target = Tensor(name, (1, 1), "int32", Quantization((STEP,), (0,)))
    made = {**attrs, "peaks": energies, "limit": MOST}
    return replace(stream, tensor=read.name).then(KIND.lower(), target, made)


def learn(values: Reals, wanted: Gmm, runs_an_hour: float | None = None) -> Parameters:
    """scikit-learn's mixture with full covariances, of values [runs, ...]."""
    from sklearn.mixture import GaussianMixture

    flat = values.reshape(len(values), -1)
    count = min(wanted.components, len(np.unique(flat, axis=0)))
    spread = max(wanted.regularisation * float(flat.var(axis=0).max()), 1e-12)
    found = GaussianMixture(count, reg_covar=spread, random_state=0).fit(flat)
    learnt = {
        "weights": _rounded(found.weights_),
        "means": tuple(map(_rounded, found.means_)),
        "covariances": tuple(tuple(map(_rounded, _significant(each))) for each in found.covariances_),
    }
    return wanted.model_copy(update=learnt)


def _significant(covariance: Reals) -> Reals:
    """Without what rounding left of a covariance of 0: no number of a tinyedge.toml may be as small."""
    deviations = np.sqrt(np.diagonal(covariance))
    return np.where(np.abs(covariance) < 1e-12 * np.outer(deviations, deviations), 0.0, covariance)


def _rounded(values: Reals) -> _FLOATS:
    """9 digits: a thread more or less moves the last ones."""
    return tuple(float(f"{value:.9g}") for value in values)


def reference(values: Reals, wanted: Gmm, stream: Stream) -> Reals:
    """Of [runs, ...]: scipy's densities."""
    from scipy.special import logsumexp
    from scipy.stats import multivariate_normal

    flat, weights = values.reshape(len(values), -1), np.array(wanted.weights)
    parts = zip(wanted.means or (), wanted.covariances or (), strict=True)
    logs = [multivariate_normal.logpdf(flat, mean, covariance) for mean, covariance in parts]
    return -np.asarray(logsumexp(np.stack(logs, axis=1), axis=1, b=weights / weights.sum()))[:, None]


def source(stream: Stream, wanted: Gmm) -> str:
    return distance.source(stream, wanted.of)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    read, target = graph.input(op, 0), graph.output(op)
    matrix = np.array(op.attrs["matrix"], np.int32)
    peaks = np.array(op.attrs["peaks"], np.int64)
    params = {
        "features": read.size,
        "components": len(peaks),
        "shift": op.attrs["bits"],
        "limit": distance.LIMIT,
        "most": MOST,
    }
    arguments = (
        Input(read.name),
        Constant("matrix", matrix.ravel()),
        Constant("offset", np.array(op.attrs["offset"], np.int64)),
        Constant("peaks", peaks),
        Constant("logarithm", logarithm.table()),
        Constant("power", logarithm.powers()),
        Output(target.name),
    )
    return (Call("mixture", f"mixture_{distance.TYPES[read.dtype]}", params, arguments),)


def macs(graph: Graph, op: Op) -> int:
    matrix = op.attrs["matrix"]
    return len(matrix) * (len(matrix[0]) + 1)


block = Block(
    Gmm,
    append,
    reference,
    place="behind",
    source=source,
    learn=learn,
    bound="2^-8, and 0.51 * 2^-8 of the sum of a component's whitened coordinates, of scipy's density",
)
operator = Operator((KIND,), distance.infer, calls, macs=macs)
