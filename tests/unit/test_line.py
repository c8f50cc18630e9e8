# SPDX-License-Identifier: Apache-2.0
"""A line through the steps of a requantisation: the same outputs, and layers that end in a ReLU have one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.test_fit32 import SCALES, ratios, sums_to_try
from tinyedge.arithmetic import bare_line, fine_line, fixedpoint, line
from tinyedge.arithmetic.fixedpoint import Ints

FORMS = (line.Form(2, False, 2**23), line.Form(0, True, 2**30))
"""As of the kernels for Arm's DSP instructions, and of Helium's."""


def fitted(
    logarithms: list[float],
    spread: int,
    offset: int,
    zero_point: int,
    seed: int,
    form: line.Form,
    least_moved: int | Ints = 0,
) -> tuple[line.Line | None, Ints, Ints]:
    """The line, sums of every channel, and what te_requantize makes of them with the clamp."""
    multipliers, shifts = ratios(logarithms)
    sums, tried = sums_to_try(spread, [offset] * len(logarithms), seed)

    def exact(values: Ints, channels: Ints) -> Ints:
        return fixedpoint.multiply_twice_rounded(values, multipliers[channels], shifts[channels])

    reals = multipliers * 2.0 ** (shifts - 31)
    found = line.fit(exact, reals, sums, zero_point, form, least_moved=least_moved)
    wanted = fixedpoint.multiply_twice_rounded(tried, multipliers[:, None], shifts[:, None]) + zero_point
    return found, tried, np.clip(wanted, -128, 127)


def fine(
    logarithms: list[float], spread: int, offset: int, zero_point: int, seed: int
) -> tuple[fine_line.FineLine, Ints, Ints]:
    """The same of sums times 256 with anything added, as of the kernels for Arm's DSP instructions."""
    multipliers, shifts = ratios(logarithms)
    sums, tried = sums_to_try(spread, [offset] * len(logarithms), seed)
    added = np.random.default_rng(seed).integers(-(2**20), 2**20, len(logarithms))

    def exact(values: Ints, channels: Ints) -> Ints:
        return fixedpoint.multiply_twice_rounded(values, multipliers[channels], shifts[channels])

    found = fine_line.fit(exact, multipliers * 2.0 ** (shifts - 31), sums, zero_point, added, 8, 10)
    wanted = fixedpoint.multiply_twice_rounded(tried, multipliers[:, None], shifts[:, None]) + zero_point
    return found, tried, np.clip(wanted, -128, 127)


def bare(
    logarithms: list[float], spread: int, offset: int, zero_point: int, seed: int, left: int | None = None
) -> tuple[bare_line.BareLine | None, Ints, Ints]:
    """The same of sums that begin with `offset`; the sums are without it."""
    multipliers, shifts = ratios(logarithms)
    bias = np.full(len(logarithms), offset, np.int64)
    sums, tried = sums_to_try(spread, bias.tolist(), seed)

    def exact(values: Ints, channels: Ints) -> Ints:
        return fixedpoint.multiply_twice_rounded(values, multipliers[channels], shifts[channels])

    found = bare_line.fit(exact, multipliers * 2.0 ** (shifts - 31), sums, bias, zero_point, left=left)
    wanted = fixedpoint.multiply_twice_rounded(tried, multipliers[:, None], shifts[:, None]) + zero_point
    return found, tried - bias[:, None], np.clip(wanted, -128, 127)


@settings(max_examples=60, deadline=None)
@given(
    SCALES,
    st.integers(1, 2**20),
    st.integers(-(2**19), 2**19),
    st.integers(-128, 127),
    st.integers(0, 99),
    st.sampled_from(FORMS),
)
@example([-3.28125], 5, -368, 0, 0, line.Form(2, doubled=False, most=2**23))
def test_a_line_gives_the_product_rounded_twice(
    logarithms: list[float], spread: int, offset: int, zero_point: int, seed: int, form: line.Form
) -> None:
    found, tried, wanted = fitted(logarithms, spread, offset, zero_point, seed, form)
    if found is None:
        return
    assert np.all((found.multipliers >= 0) & (found.multipliers < 2**31))
    assert np.abs(tried + found.moved[:, None]).max() < form.most or np.all(found.multipliers == 0)
    assert np.array_equal(np.clip(found.outputs(tried), -128, 127), wanted)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(3))
def test_outputs_from_the_zero_point_on_have_a_line(seed: int, form: line.Form) -> None:
    least = -8 if form.doubled else -11
    logarithms = list(np.random.default_rng(seed).uniform(least, -4, 32))
    found, tried, wanted = fitted(logarithms, 2**17, 1000, -128, seed, form)
    assert found is not None and np.unique(wanted).size > 200
    assert np.array_equal(np.clip(found.outputs(tried), -128, 127), wanted)


@settings(max_examples=60, deadline=None)
@given(
    SCALES, st.integers(1, 2**20), st.integers(-(2**19), 2**19), st.integers(-128, 127), st.integers(0, 99)
)
def test_a_fine_line_gives_the_product_rounded_twice(
    logarithms: list[float], spread: int, offset: int, zero_point: int, seed: int
) -> None:
    found, tried, wanted = fine(logarithms, spread, offset, zero_point, seed)
    assert np.all((found.multipliers >= 0) & (found.multipliers < 2**31))
    multiplied = np.where(found.constant[:, None], 0, tried << found.finer) + found.moved[:, None]
    there = ~found.missing
    assert multiplied[there].min(initial=0) >= -(2**31) and multiplied[there].max(initial=0) < 2**31
    assert np.array_equal(np.clip(found.outputs(tried), -128, 127)[there], wanted[there])


@pytest.mark.parametrize("seed", range(3))
def test_most_outputs_from_the_zero_point_on_have_a_fine_line(seed: int) -> None:
    logarithms = list(np.random.default_rng(seed).uniform(-11, -4, 100))
    found, tried, wanted = fine(logarithms, 2**17, 1000, -128, seed)
    assert found.missing.sum() < 5 and np.unique(wanted).size > 200
    assert np.array_equal(np.clip(found.outputs(tried), -128, 127)[~found.missing], wanted[~found.missing])


def test_what_is_always_the_same_has_a_fine_line() -> None:
    for zero_point in (-128, 0, 127):
        found, tried, wanted = fine([-30.0, -11.0], 100, 50, zero_point, 0)
        assert found.constant.all() and not found.missing.any()
        assert np.array_equal(np.clip(found.outputs(tried), -128, 127), wanted)


@settings(max_examples=100, deadline=None)
@given(
    SCALES,
    st.integers(1, 2**20),
    st.integers(-(2**22), 2**22),
    st.integers(-128, 127),
    st.integers(0, 99),
    st.sampled_from((None, 12)),
)
def test_a_bare_line_gives_the_product_rounded_twice_within_words(
    logarithms: list[float], spread: int, offset: int, zero_point: int, seed: int, left: int | None
) -> None:
    found, tried, wanted = bare(logarithms, spread, offset, zero_point, seed, left)
    if found is None:
        return
    assert left is None or found.left == left
    assert np.all((found.multipliers >= 0) & (found.multipliers < 2**31))
    used = found.multipliers > 0
    shifted = tried[used] << found.left
    assert max(np.abs(shifted).max(initial=0), np.abs(found.added).max()) < 2**31
    assert (
        np.abs((shifted * found.multipliers[used, None] >> 32) + found.added[used, None]).max(initial=0)
        < 2**31
    )
    assert 0 < found.right < 24 and 0 <= found.left < 31
    assert np.array_equal(np.clip(found.outputs(tried), -128, 127), wanted)


@pytest.mark.parametrize("offset", [0, -1000, 300_000])
@pytest.mark.parametrize("seed", range(3))
def test_outputs_from_the_zero_point_on_have_a_bare_line(seed: int, offset: int) -> None:
    logarithms = list(np.random.default_rng(seed).uniform(-11, -7, 100))
    found, tried, wanted = bare(logarithms, 2**17, offset, -128, seed)
    assert found is not None
    assert np.array_equal(np.clip(found.outputs(tried), -128, 127), wanted)


def test_what_is_always_the_same_has_a_bare_line() -> None:
    for zero_point in (-128, 0, 127):
        found, tried, wanted = bare([-30.0, -11.0], 100, 50, zero_point, 0)
        assert found is not None and not found.multipliers.any()
        assert np.array_equal(np.clip(found.outputs(tried), -128, 127), wanted)


@pytest.mark.parametrize("seed", range(3))
def test_there_are_other_lines_with_more_moved(seed: int) -> None:
    logarithms = list(np.random.default_rng(seed).uniform(-9, -5, 32))
    first, tried, wanted = fitted(logarithms, 2**17, 1000, -128, seed, FORMS[0])
    assert first is not None
    other, _, _ = fitted(logarithms, 2**17, 1000, -128, seed, FORMS[0], first.moved + 1)
    assert other is not None and np.all(other.moved > first.moved)
    assert np.array_equal(np.clip(other.outputs(tried), -128, 127), wanted)


def test_ties_away_from_zero_on_both_sides_have_none() -> None:
    assert fitted([-8.3], 2**17, 0, 0, 0, FORMS[0])[0] is None
    assert bare([-8.3], 2**17, 0, 0, 0)[0] is None


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 300), st.data())
def test_the_first_multiple_within_an_interval(size: int, data: st.DataObject) -> None:
    step, low = (data.draw(st.integers(0, size - 1)) for _ in range(2))
    high = low + data.draw(st.integers(0, 9))
    inside = ((n * step) % size in (each % size for each in range(low, high + 1)) for n in range(size))
    assert line._first(step, size, low, high) == next((n for n, good in enumerate(inside) if good), None)
