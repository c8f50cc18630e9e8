# SPDX-License-Identifier: Apache-2.0
"""Requantisation constants: against exact rational arithmetic, and where rounding is decided."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyedge.arithmetic import fixedpoint
from tinyedge.arithmetic.fixedpoint import Fit
from tinyedge.errors import Unsupported
from tinyedge.graph import Quantization, Tensor

SCALES = np.exp2(np.random.default_rng(1).uniform(-24, 1, 40)).tolist()
accumulators = st.lists(st.integers(-(2**30), 2**30), min_size=1, max_size=20)


def half_away(value: Fraction) -> int:
    return floor(value + Fraction(1, 2)) if value >= 0 else -floor(-value + Fraction(1, 2))


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (0.5, 1),
        (-0.5, -1),
        (2.5, 3),
        (-2.5, -3),
        (0.49999999999999994, 0),
        (-0.0, 0),
        (2.0**52 + 1, 2**52 + 1),
    ],
)
def test_halves_round_away_from_zero(value: float, rounded: int) -> None:
    assert fixedpoint.round_half_away(value) == rounded


@given(st.floats(2.0**-31, 2.0**30))
def test_multiplier_is_the_nearest_of_31_bits(real: float) -> None:
    multiplier, shift = fixedpoint.quantize_multiplier(real)
    assert 2**30 <= multiplier < 2**31
    exact = Fraction(real) * Fraction(2) ** (31 - shift)
    assert abs(exact - multiplier) <= Fraction(1, 2)


def test_multiplier_at_its_limits() -> None:
    assert fixedpoint.quantize_multiplier(1.0) == (2**30, 1)
    assert fixedpoint.quantize_multiplier(1.0 - 2.0**-40) == (2**30, 1)  # 31 bits round up to a power of two
    assert fixedpoint.quantize_multiplier(2.0**-33) == (0, 0)


def test_reduced_multiplier_rounds_ties_up_and_stays_in_16_bits() -> None:
    reduced = [fixedpoint.reduce_multiplier(m) for m in (2**30, 2**30 + 2**15 - 1, 2**30 + 2**15, 2**31 - 1)]
    assert reduced == [2**14, 2**14, 2**14 + 1, 2**15 - 1]


@given(accumulators, st.integers(2**30, 2**31 - 1), st.integers(-31, 0))
def test_twice_rounded_is_both_roundings_in_turn(values: list[int], multiplier: int, shift: int) -> None:
    def reference(value: int) -> int:
        high = floor(Fraction(value * multiplier, 2**31) + Fraction(1, 2))
        return half_away(Fraction(high, 2**-shift))

    actual = fixedpoint.multiply_twice_rounded(np.array(values, np.int64), multiplier, shift)
    assert actual.tolist() == [reference(value) for value in values]


@pytest.mark.parametrize("real", [scale for scale in SCALES if scale > 2.0**-7])
def test_fit_gives_the_rounded_product_at_every_accumulator(real: float) -> None:
    reach = int(270 / real)
    fit = fixedpoint.fit_multiplier(real, reach, -128 - 127, 127 + 128)
    values = np.arange(-reach, reach + 1)
    # In double precision as LiteRT computes it: Python's product is the same number.
    expected = [max(-255, min(255, fixedpoint.round_half_away(value * real))) for value in values.tolist()]
    assert np.clip(fixedpoint.apply_fit(values, fit), -255, 255).tolist() == expected
    assert fit.low == 0 and 0 < fit.high < 2**31


@pytest.mark.parametrize("real", SCALES)
def test_wide_fit_gives_the_rounded_product_around_every_step(real: float) -> None:
    reach = min(int((2**31 - 2**17) / real), 2**33)
    fit = fixedpoint.fit_multiplier(real, reach, -32768, 32767, wide=True)
    rng = np.random.default_rng(2)
    near_steps = [
        int((k + 0.5) / real) + d for k in rng.integers(-32768, 32767, 200).tolist() for d in (-1, 0, 1)
    ]
    values = [
        v
        for v in (*near_steps, -reach, reach, 0, *rng.integers(-reach, reach, 200).tolist())
        if abs(v) <= reach
    ]
    expected = [max(-32768, min(32767, fixedpoint.round_half_away(value * real))) for value in values]
    assert np.clip(fixedpoint.apply_fit(np.array(values), fit), -32768, 32767).tolist() == expected


@pytest.mark.parametrize("real", [0.5, 0.25, 1.0, 1.5, 2.0**-10, 3 * 2.0**-12])
def test_fit_takes_ties_away_from_zero(real: float) -> None:
    # These scales put many products exactly half way.
    fit = fixedpoint.fit_multiplier(real, 5000, -128, 127)
    values = np.arange(-5000, 5001)
    expected = [max(-128, min(127, half_away(Fraction(real) * value))) for value in values.tolist()]
    assert np.clip(fixedpoint.apply_fit(values, fit), -128, 127).tolist() == expected


@given(st.integers(-(2**40), 2**40), st.integers(0, 2**20), st.integers(0, 2**32 - 1), st.integers(1, 62))
def test_apply_fit_is_exact_beyond_64_bits(acc: int, high: int, low: int, shift: int) -> None:
    product = (acc * (high * 2**32 + low)) >> 32
    expected = (product + (1 << (shift - 1)) - (acc < 0)) >> shift
    if -(2**62) < product < 2**62:
        assert fixedpoint.apply_fit(np.array([acc]), Fit(high, low, shift)).tolist() == [expected]


def test_fit_refuses_ratios_whose_ties_depend_on_double_precision() -> None:
    # 5 * 0.7 is 3.5 and rounds away, 45 * 0.7 is 31.499999999999996 and does not: no multiplier does both.
    assert [fixedpoint.round_half_away(value * 0.7) for value in (5, 45)] == [4, 31]
    with pytest.raises(Unsupported, match="scale ratio"):
        fixedpoint.fit_multiplier(0.7, 100, -128, 127)


def test_large_sums_of_small_scale_take_a_wide_multiplier() -> None:
    real, reach = 6.3130818847999994e-06, 29_461_065
    with pytest.raises(Unsupported, match="no multiplier"):
        fixedpoint.fit_multiplier(real, reach, -128, 127)
    fit = fixedpoint.fit_multiplier(real, reach, -128, 127, wide=True)
    around = np.rint((np.arange(-128, 128) + 0.5) / real).astype(np.int64)
    for value in (*(around - 1), *around, *(around + 1)):
        wanted = fixedpoint.round_half_away(float(value) * real)
        assert fixedpoint.apply_fit(np.array([value]), fit)[0] == wanted


@pytest.mark.parametrize(
    ("real", "reach"),
    [(2.0, 2**31), (0.0, 100), (0.001, 2**50)],
)
def test_fit_refuses_what_litert_does_not_define(real: float, reach: int) -> None:
    with pytest.raises(Unsupported, match="scale ratio"):
        fixedpoint.fit_multiplier(real, reach, -128, 127)


@pytest.mark.parametrize("real", [1e-30, 2.0**-62, 2.0**-61, 0.3, 2.0**29, 2.0**30, 1e30])
def test_sums_of_a_channel_without_weights_and_bias_are_0_at_any_scale(real: float) -> None:
    fit = fixedpoint.fit_multiplier(real, 0, -128, 127)
    assert fixedpoint.apply_fit(np.array([0]), fit)[0] == 0


def test_a_scale_that_leaves_nothing_of_a_sum_gives_0() -> None:
    fit = fixedpoint.fit_multiplier(1e-30, 2**31, -128, 127)
    assert not fixedpoint.apply_fit(np.array([-(2**31), -1, 0, 1, 2**31]), fit).any()


@given(st.integers(1, 6), st.integers(1, 40), st.integers(-128, 127), st.integers(0, 2**32))
def test_reach_bounds_every_partial_sum(outputs: int, taps: int, zero_point: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.integers(-128, 128, (outputs, taps))
    bias = rng.integers(-(10**6), 10**6, outputs)
    bound = fixedpoint.reach(weights, bias, -128 - zero_point, 127 - zero_point)
    inputs = rng.choice([-128, 127], taps)
    plain = bias[:, None] + np.cumsum(weights * (inputs - zero_point), axis=1)
    folded = (bias - zero_point * weights.sum(axis=1))[:, None] + np.cumsum(weights * inputs, axis=1)
    for sums in (plain, folded):
        assert np.all(np.abs(sums) <= bound[:, None])


@pytest.mark.parametrize(
    ("fused", "dtype", "scale", "zero_point", "expected"),
    [
        (0, "int8", 0.05, -3, (-128, 127)),
        (1, "int8", 0.05, -3, (-3, 127)),
        (2, "int8", 0.05, -3, (-23, 17)),
        (3, "int8", 0.05, -128, (-128, -8)),
        (3, "int8", 0.01, -128, (-128, 127)),
        (3, "int16", 0.001, 0, (0, 6000)),
        (2, "int16", 0.3, 0, (-3, 3)),
    ],
)
def test_fused_activation_clamps(
    fused: int, dtype: str, scale: float, zero_point: int, expected: tuple[int, int]
) -> None:
    target = Tensor("y", (1,), dtype, Quantization((scale,), (zero_point,)))
    assert fixedpoint.activation_range(fused, target) == expected


@pytest.mark.parametrize(("fused", "scale"), [(4, 0.1), (3, 1e-38), (2, 1e-12)])
def test_fused_activation_that_cannot_be_clamped_is_refused(fused: int, scale: float) -> None:
    with pytest.raises(Unsupported):
        fixedpoint.activation_range(fused, Tensor("y", (1,), "int8", Quantization((scale,), (0,))))
