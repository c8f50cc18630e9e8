/* SPDX-License-Identifier: Apache-2.0 */
/* Two elements at a time, at any address, as the core allows: a call of memcpy() would copy bytes. */
#include "kernels/unrolled.h"
#include "kernels/window.h"

static inline void te_window_s16_dsp_copy(int16_t *to, const int16_t *from, int32_t count) {
    int32_t i = 0;
    TE_UNROLLED_BY_4
    for (; i + 1 < count; i += 2) {
        int32_t two;
        memcpy(&two, from + i, sizeof two);
        TE_NOW(two); /* lest this become a call of memcpy */
        memcpy(to + i, &two, sizeof two);
    }
    if (i < count)
        to[i] = from[i];
}

TE_KERNEL te_window_s16_fn te_window_s16_dsp;

TE_KERNEL void te_window_s16_dsp(const te_window *restrict p, const int16_t *in, int16_t *kept,
                                 int16_t *out) {
    te_window_s16_dsp_copy(out, kept, p->kept);
    te_window_s16_dsp_copy(out + p->kept, in, p->fresh);
    te_window_s16_dsp_copy(kept, out + p->fresh, p->kept);
}
