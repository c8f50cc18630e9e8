/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs of a window of the ESP32-S3's convolutions next to each other, as bytes, padding filled in. */
#ifndef TE_PIE_GATHER_H
#define TE_PIE_GATHER_H

#include "kernels/conv_2d.h"
#include "kernels/pie/span.h"
#include "kernels/unrolled.h"

/* `count` bytes: vectors if they are `whole`, else words, and up to three bytes more: those after them come
   later. */
TE_PIE_INLINE void te_pie_copy(te_pie *s, int8_t *to, const int8_t *from, int32_t count, int whole) {
    if (whole) {
        TE_UNROLLED_BY_4
        for (int32_t i = 0; i < count; i += TE_PIE_VECTOR) {
            TE_PIE_VLD(s, 7, from, 16);
            TE_PIE_VST(s, 7, to, 16);
        }
    } else {
        TE_UNROLLED_BY_4
        for (int32_t i = 0; i < count; i += 4)
            te_pie_copy_word(to + i, from + i);
    }
    (void)s;
}

TE_PIE_INLINE void te_pie_fill(int8_t *to, uint32_t four, int32_t count) {
    TE_UNROLLED_BY_4
    for (int32_t i = 0; i < count; i += 4)
        te_pie_put_word(to + i, four);
}

/* The inputs of the window whose upper left corner is at (top, left), in the order of the weights: of each
   pixel, of which there is one every `pitch` bytes, `depth` bytes, and `outside`, four of them, where it has
   none. */
TE_PIE_INLINE void te_pie_gather(te_pie *s, const te_conv_2d *p, int32_t pitch, int32_t depth,
                                 uint32_t outside, const int8_t *image, int32_t top, int32_t left,
                                 int8_t *window) {
    const int32_t width = p->kernel_width, apart = p->dilation_x * pitch;
    const te_pie_span span = te_pie_inside(left, width, p->dilation_x, p->in_width);
    const int whole = pitch % TE_PIE_VECTOR == 0 && depth % TE_PIE_VECTOR == 0;
    const int joined = apart == depth; /* neighbours of a row */
    int8_t *to = window;
    TE_PIE_FENCE();
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t row = top + ky * p->dilation_y;
        const int32_t from = (row * p->in_width + left) * pitch; /* in the image, if inside */
        if (row < 0 || row >= p->in_height) {
            te_pie_fill(to, outside, width * depth);
        } else if (joined && span.first == 0 && span.last == width) {
            te_pie_copy(s, to, image + from, width * depth, whole);
        } else {
            te_pie_fill(to, outside, span.first * depth);
            if (joined)
                te_pie_copy(s, to + span.first * depth, image + (from + span.first * depth),
                            (span.last - span.first) * depth, whole);
            else
                for (int32_t kx = span.first; kx < span.last; kx++)
                    te_pie_copy(s, to + kx * depth, image + (from + kx * apart), depth, whole);
            te_pie_fill(to + span.last * depth, outside, (width - span.last) * depth);
        }
        to += width * depth;
    }
}

#endif
