# SPDX-License-Identifier: Apache-2.0
"""Constants of 32-bit requantisation and of linear sums: they give the outputs of what they replace."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyedge.arithmetic import fit32, fixedpoint, linear
from tinyedge.arithmetic.fixedpoint import Ints

SCALES = st.lists(st.floats(-13.9, -1.1), min_size=1, max_size=3)
"""Logarithms to the base of 2."""


def ratios(logarithms: list[float]) -> tuple[Ints, Ints]:
    """Multipliers and shifts of te_requantize."""
    pairs = [fixedpoint.quantize_multiplier(2.0**value) for value in logarithms]
    return np.array([m for m, _ in pairs], np.int64), np.array([s for _, s in pairs], np.int64)


def sums_to_try(spread: int, offsets: list[int], seed: int) -> tuple[fit32.Range, Ints]:
    """A range of sums for every channel, and sums from it, its ends among them: [channels, n]."""
    middle = np.array(offsets, np.int64)
    sums = fit32.Range(middle - spread, middle + spread)
    inside = np.random.default_rng(seed).integers(-spread, spread, (len(offsets), 4000), endpoint=True)
    inside[:, 0], inside[:, 1] = -spread, spread
    return sums, inside + middle[:, None]


@settings(max_examples=40, deadline=None)
@given(
    SCALES, st.integers(1, 2**22), st.integers(-(2**20), 2**20), st.integers(-128, 127), st.integers(0, 99)
)
def test_words_give_what_multiplier_and_shift_give(
    logarithms: list[float], spread: int, offset: int, zero_point: int, seed: int
) -> None:
    multipliers, shifts = ratios(logarithms)
    sums, tried = sums_to_try(spread, [offset] * len(logarithms), seed)

    def exact(values: Ints, channels: Ints) -> Ints:
        return fixedpoint.multiply_twice_rounded(values, multipliers[channels], shifts[channels])

    reals = multipliers * 2.0 ** (shifts - 31)
    words = fit32.fit_words(exact, reals, sums, zero_point, -128, 127)
    if words is None:
        return
    assert np.all((words > 0) & (words < 2**31))
    wanted = fixedpoint.multiply_twice_rounded(tried, multipliers[:, None], shifts[:, None])
    actual = fixedpoint.multiply_twice_rounded(tried, words[:, None], (words[:, None] | ~15))
    assert np.array_equal(np.clip(wanted + zero_point, -128, 127), np.clip(actual + zero_point, -128, 127))


@settings(max_examples=40, deadline=None)
@given(
    SCALES, st.integers(1, 2**22), st.integers(-(2**20), 2**20), st.integers(-128, 127), st.integers(0, 99)
)
def test_short_form_gives_the_product_rounded_once(
    logarithms: list[float], spread: int, offset: int, zero_point: int, seed: int
) -> None:
    reals = 2.0 ** np.array(logarithms)
    sums, tried = sums_to_try(spread, [offset] * len(logarithms), seed)

    def rounded(values: Ints, real: fit32.Reals) -> Ints:
        product = np.abs(values * real)
        away = np.floor(product) + (product % 1 >= 0.5)
        signed: Ints = (np.sign(values) * away).astype(np.int64)
        return signed

    short = fit32.fit(
        lambda values, channels: rounded(values, reals[channels]), reals, sums, zero_point, -128, 127
    )
    if short is None:
        return
    actual = fit32.apply(tried, short.multipliers, short.left, short.right, zero_point)
    wanted = rounded(tried, reals[:, None]) + zero_point
    assert np.array_equal(np.clip(wanted, -128, 127), np.clip(actual, -128, 127))


def test_nearly_every_layer_has_the_short_forms() -> None:
    rng = np.random.default_rng(3)
    found = 0
    for _ in range(50):
        multipliers, shifts = ratios([float(v) for v in rng.uniform(-10, -5, 16)])
        sums = fit32.Range(np.full(16, -(2**18)), np.full(16, 2**18))

        def exact(values: Ints, channels: Ints, m: Ints = multipliers, s: Ints = shifts) -> Ints:
            return fixedpoint.multiply_twice_rounded(values, m[channels], s[channels])

        reals = multipliers * 2.0 ** (shifts - 31)
        words = fit32.fit_words(exact, reals, sums, -128, -128, 127)
        found += words is not None
    assert found >= 40


@settings(max_examples=50, deadline=None)
@given(st.floats(0.05, 4), st.floats(-4, 4), st.integers(-128, 127), st.integers(-128, 127))
def test_a_linear_table_is_found_again(a_real: float, b_real: float, offset: int, low: int) -> None:
    exact = linear.BYTES[:, None] * a_real + linear.BYTES * b_real + offset
    table = np.clip(np.floor(exact + 0.5), low, 127).astype(np.int64)
    found = linear.fit(table, a_real, b_real, low, 127)
    if found is not None:
        product = linear.BYTES[:, None] * found.a_factor + linear.BYTES * found.b_factor
        assert np.abs(product).max() < 2**31 and np.abs(product + found.offset).max() < 2**31
        assert np.array_equal(np.clip((product + found.offset) >> found.shift, low, 127), table)


def test_no_formula_for_what_is_not_linear() -> None:
    table = np.broadcast_to(np.abs(linear.BYTES), (256, 256))
    assert linear.fit(table, 0.001, 0.5, -128, 127) is None
