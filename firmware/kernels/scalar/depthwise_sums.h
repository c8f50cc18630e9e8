/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of depthwise convolutions, of a channel at neighbouring pixels that share every weight: TE_SUMS is the function's
 * name, TE_ELEMENT the type of an input; included once for each. */

/* Adds the products of `height` rows of `width` taps to the sums of `pixels`. The first input is x, others lie `row`,
   `column` and, of the next pixel, `next` further; a row of weights has `line`. */
static inline __attribute__((always_inline)) void TE_SUMS(const TE_ELEMENT *x, int32_t row, int32_t column,
                                                          int32_t next, const int8_t *w, int32_t line,
                                                          int32_t height, int32_t width, int32_t pixels,
                                                          int32_t *sums) {
    for (int32_t ky = 0; ky < height; ky++) {
        for (int32_t kx = 0; kx < width; kx++) {
            const TE_ELEMENT *tap = x + ky * row + kx * column;
            const int32_t weight = *w++;
            int32_t inputs[TE_DEPTHWISE_CONV_2D_SCALAR_PIXELS];
            TE_SOON(weight);
            TE_UNROLLED
            for (int32_t i = 0; i < pixels; i++) {
                inputs[i] = tap[i * next];
                TE_SOON(inputs[i]);
            }
            TE_UNROLLED
            for (int32_t i = 0; i < pixels; i++) {
                sums[i] += inputs[i] * weight;
                TE_NOW(sums[i]);
            }
        }
        w += line - width;
    }
}

#undef TE_ELEMENT
#undef TE_SUMS
