# SPDX-License-Identifier: Apache-2.0
"""DEPTHWISE_CONV_2D of int8: a sum over the window for every channel."""

from number import number
from requantize import requantize


def depthwise_conv_2d_s8(
    arena: ptr8,
    source: int,
    weights: ptr8,
    bias,
    multiplier: ptr8,
    shift: ptr8,
    target: int,
    batches: int,
    in_height: int,
    in_width: int,
    in_channels: int,
    out_height: int,
    out_width: int,
    out_channels: int,
    kernel_height: int,
    kernel_width: int,
    stride_y: int,
    stride_x: int,
    dilation_y: int,
    dilation_x: int,
    pad_top: int,
    pad_left: int,
    multiplier_: int,
    channel_step: int,
    in_zero_point: int,
    out_zero_point: int,
    out_min: int,
    out_max: int,
    reverse: int,
):
    pixels = batches * out_height * out_width
    border = in_zero_point + 128
    for turn in range(pixels):
        pixel = turn
        if reverse:
            pixel = pixels - 1 - turn
        row = pixel // out_width
        left = (pixel - row * out_width) * stride_x - pad_left
        batch = row // out_height
        top = (row - batch * out_height) * stride_y - pad_top
        image = source + batch * in_height * in_width * in_channels
        out = target + pixel * out_channels
        for channel in range(out_channels):
            place = image + channel // multiplier_
            at = channel
            products = 0
            total = 0
            for ky in range(kernel_height):
                y = top + ky * dilation_y
                row_inside = 0
                if y >= 0:
                    if y < in_height:
                        row_inside = 1
                for kx in range(kernel_width):
                    x = left + kx * dilation_x
                    value = border
                    if row_inside:
                        if x >= 0:
                            if x < in_width:
                                value = arena[place + (y * in_width + x) * in_channels]
                    products += value * weights[at]
                    total += value
                    at += out_channels
            # The sum of (value - 128) * weight: what depends on the weights alone is in the bias.
            c = channel * channel_step
            quad = c << 2
            value = products - (total << 7) + int(number(bias, channel))
            high = multiplier[quad + 2] + (multiplier[quad + 3] << 8)
            low = multiplier[quad] + (multiplier[quad + 1] << 8)
            scaled = out_zero_point + int(requantize(value, high, low, shift[c] - 128))
            if scaled < out_min:
                scaled = out_min
            if scaled > out_max:
                scaled = out_max
            arena[out + channel] = scaled + 128
