# SPDX-License-Identifier: Apache-2.0
"""CONV_2D of int8: the window of a pixel is laid out as the weights of a channel are, then summed."""

from number import number
from patch_s8 import patch_s8
from requantize import requantize


def conv_2d_s8(
    arena,
    source: int,
    weights: ptr8,
    bias,
    multiplier: ptr8,
    shift: ptr8,
    target: int,
    patch,
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
    groups: int,
    channel_step: int,
    in_zero_point: int,
    out_zero_point: int,
    out_min: int,
    out_max: int,
    reverse: int,
):
    outputs = ptr8(arena)
    window = ptr8(patch)
    depth = in_channels // groups
    taps = kernel_height * kernel_width * depth
    group_size = out_channels // groups
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
        for group in range(groups):
            place = image + group * depth
            # fmt: off
            total = int(
                patch_s8(arena, place, patch, top, left, in_height, in_width, in_channels, depth,
                         kernel_height, kernel_width, dilation_y, dilation_x, border)
            )
            # fmt: on
            first = group * group_size
            for channel in range(first, first + group_size):
                # The sum of (patch - 128) * weight: what depends on the weights alone is in the bias.
                start = channel * taps
                products = 0
                for i in range(taps):
                    products += window[i] * weights[start + i]
                c = channel * channel_step
                value = products - (total << 7) + int(number(bias, channel))
                quad = c << 2
                high = multiplier[quad + 2] + (multiplier[quad + 3] << 8)
                low = multiplier[quad] + (multiplier[quad + 1] << 8)
                scaled = out_zero_point + int(requantize(value, high, low, shift[c] - 128))
                if scaled < out_min:
                    scaled = out_min
                if scaled > out_max:
                    scaled = out_max
                outputs[out + channel] = scaled + 128
