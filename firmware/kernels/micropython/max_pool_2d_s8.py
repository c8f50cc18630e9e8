# SPDX-License-Identifier: Apache-2.0
"""MAX_POOL_2D of int8."""


def max_pool_2d_s8(
    arena: ptr8,
    source: int,
    target: int,
    batches: int,
    in_height: int,
    in_width: int,
    out_height: int,
    out_width: int,
    channels: int,
    kernel_height: int,
    kernel_width: int,
    stride_y: int,
    stride_x: int,
    pad_top: int,
    pad_left: int,
    out_min: int,
    out_max: int,
    reverse: int,
):
    pixels = batches * out_height * out_width
    for turn in range(pixels):
        pixel = turn
        if reverse:
            pixel = pixels - 1 - turn
        row = pixel // out_width
        left = (pixel - row * out_width) * stride_x - pad_left
        batch = row // out_height
        top = (row - batch * out_height) * stride_y - pad_top
        image = source + batch * in_height * in_width * channels
        out = target + pixel * channels
        bottom = top + kernel_height
        if bottom > in_height:
            bottom = in_height
        right = left + kernel_width
        if right > in_width:
            right = in_width
        if top < 0:
            top = 0
        if left < 0:
            left = 0
        for channel in range(channels):
            largest = out_min + 128
            for y in range(top, bottom):
                at = image + (y * in_width + left) * channels + channel
                for x in range(left, right):
                    value = arena[at]
                    if value > largest:
                        largest = value
                    at += channels
            if largest > out_max + 128:
                largest = out_max + 128
            arena[out + channel] = largest
