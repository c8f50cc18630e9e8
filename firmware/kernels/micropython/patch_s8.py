# SPDX-License-Identifier: Apache-2.0
"""The window whose first tap is at row `top`, column `left`, laid out as weights are; gives its sum."""


def patch_s8(
    arena: ptr8,
    image: int,
    patch: ptr8,
    top: int,
    left: int,
    in_height: int,
    in_width: int,
    in_channels: int,
    depth: int,
    kernel_height: int,
    kernel_width: int,
    dilation_y: int,
    dilation_x: int,
    border: int,
) -> int:
    at = 0
    total = 0
    for ky in range(kernel_height):
        y = top + ky * dilation_y
        row_inside = 0
        if y >= 0:
            if y < in_height:
                row_inside = 1
        for kx in range(kernel_width):
            x = left + kx * dilation_x
            inside = 0
            if row_inside:
                if x >= 0:
                    if x < in_width:
                        inside = 1
            if inside:
                place = image + (y * in_width + x) * in_channels
                for i in range(depth):
                    value = arena[place + i]
                    patch[at] = value
                    total += value
                    at += 1
            else:
                for i in range(depth):
                    patch[at] = border
                    at += 1
                total += border * depth
    return total
