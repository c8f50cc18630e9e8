/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors, 16 elements of one byte or two at a time: what is not chosen becomes the least number there
   is, and the larger of both is the one that is. tinyedge/plan/layout/pie_product.py gives no other rows than whole vectors,
   but for the end of a single one. */
#include "kernels/select.h"
#include "kernels/pie/ends.h"

/* Elements of Q2 where those of Qm are all ones, and of Q3 where they are zeros, in Q2; Q5 and Q6 are the largest and
   the least number. Qm and Q3 are lost. */
#define TE_PIE_SELECT(s, m, least_of, most_of)                                                               \
    do {                                                                                                     \
        TE_PIE_XOR(s, 4, m, 6);                                                                              \
        TE_PIE_XOR(s, m, m, 5);                                                                              \
        least_of(s, 2, 2, 4);                                                                                \
        least_of(s, 3, 3, m);                                                                                \
        most_of(s, 2, 2, 3);                                                                                 \
    } while (0)

/* 16 outputs of so many bytes; Q7 is zeros. */
TE_PIE_INLINE void te_pie_select(te_pie *s, int32_t width, const int8_t *c, const int8_t *a, const int8_t *b,
                                 int8_t *out) {
    TE_PIE_VLD(s, 0, c, 0);
    TE_PIE_ZERO(s, 1);
    TE_PIE_ZIP(s, 0, 1);
    TE_PIE_LESS_S16(s, 0, 7, 0);
    TE_PIE_LESS_S16(s, 1, 7, 1);
    TE_PIE_VLD(s, 2, a, 16);
    TE_PIE_VLD(s, 3, b, 16);
    if (width == 1) {
        TE_PIE_UNZIP(s, 0, 1);
        TE_PIE_SELECT(s, 0, TE_PIE_MIN, TE_PIE_MAX);
        TE_PIE_VST(s, 2, out, 0);
    } else {
        TE_PIE_SELECT(s, 0, TE_PIE_MIN_S16, TE_PIE_MAX_S16);
        TE_PIE_VST(s, 2, out, 16);
        TE_PIE_VLD(s, 2, a, 0);
        TE_PIE_VLD(s, 3, b, 0);
        TE_PIE_SELECT(s, 1, TE_PIE_MIN_S16, TE_PIE_MAX_S16);
        TE_PIE_VST(s, 2, out, 0);
    }
    (void)a, (void)b, (void)c, (void)out, (void)s;
}

TE_KERNEL te_select_fn te_select_pie;

TE_KERNEL void te_select_pie(const te_select *restrict p, const void *condition, const void *a, const void *b,
                             void *out) {
    const int32_t whole = p->size[3] / TE_PIE_VECTOR * TE_PIE_VECTOR, width = p->width;
    const uint32_t *least, *most;
    int8_t *target = out;
    te_pie_ends ends;
    te_pie s = {0};
    te_pie_make_ends(&ends, width, width == 1 ? INT8_MIN : INT16_MIN, width == 1 ? INT8_MAX : INT16_MAX);
    least = ends.least, most = ends.most;
    TE_PIE_FENCE();
    TE_PIE_VLD(&s, 6, least, 0);
    TE_PIE_VLD(&s, 5, most, 0);
    TE_PIE_ZERO(&s, 7);
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[1]; j++) {
            for (int32_t k = 0; k < p->size[2]; k++) {
                const int8_t *c =
                    (const int8_t *)condition + i * p->c_step[0] + j * p->c_step[1] + k * p->c_step[2];
                const int8_t *x =
                    (const int8_t *)a + (i * p->a_step[0] + j * p->a_step[1] + k * p->a_step[2]) * width;
                const int8_t *y =
                    (const int8_t *)b + (i * p->b_step[0] + j * p->b_step[1] + k * p->b_step[2]) * width;
                for (int32_t l = 0; l < whole; l += TE_PIE_VECTOR)
                    te_pie_select(&s, width, c + l, x + l * width, y + l * width, target + l * width);
                for (int32_t l = whole; l < p->size[3]; l++)
                    memmove(target + l * width, (c[l] ? x : y) + l * width, (size_t)width);
                target += p->size[3] * width;
            }
        }
    }
    (void)least, (void)most, (void)s;
}

#undef TE_PIE_SELECT
