# SPDX-License-Identifier: Apache-2.0
"""FULLY_CONNECTED of int8."""

from number import number
from requantize import requantize
from requantize_once import requantize_once


def fully_connected_s8(
    arena: ptr8,
    source: int,
    weights: ptr8,
    bias,
    multiplier: ptr8,
    shift: ptr8,
    target: int,
    batches: int,
    depth: int,
    channels: int,
    channel_step: int,
    once: int,
    out_zero_point: int,
    out_min: int,
    out_max: int,
):
    for batch in range(batches):
        total = 0  # of the inputs
        for i in range(depth):
            total += arena[source + i]
        total = total << 7
        start = 0
        for channel in range(channels):
            # The sum of (input - 128) * weight: what depends on the weights alone is in the bias.
            products = 0
            for i in range(depth):
                products += arena[source + i] * weights[start + i]
            start += depth
            c = channel * channel_step
            quad = c << 2
            value = products - total + int(number(bias, channel))
            high = multiplier[quad + 2] + (multiplier[quad + 3] << 8)
            low = multiplier[quad] + (multiplier[quad + 1] << 8)
            if once:
                scaled = int(requantize_once(value, high, low, shift[c] - 128))
            else:
                scaled = int(requantize(value, high, low, shift[c] - 128))
            scaled += out_zero_point
            if scaled < out_min:
                scaled = out_min
            if scaled > out_max:
                scaled = out_max
            arena[target + channel] = scaled + 128
        source += depth
        target += channels
