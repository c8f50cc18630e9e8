/* SPDX-License-Identifier: Apache-2.0 */
/* Eight elements at a time: a call of memcpy() would copy bytes. */
#include "kernels/window.h"

#include <arm_mve.h>

static inline void te_window_s16_helium_copy(int16_t *to, const int16_t *from, int32_t count) {
    for (int32_t i = 0; i < count; i += 8) {
        const mve_pred16_t lanes = vctp16q((uint32_t)(count - i));
        vstrhq_p_s16(to + i, vldrhq_z_s16(from + i, lanes), lanes);
    }
}

TE_KERNEL te_window_s16_fn te_window_s16_helium;

TE_KERNEL void te_window_s16_helium(const te_window *restrict p, const int16_t *in, int16_t *kept,
                                    int16_t *out) {
    te_window_s16_helium_copy(out, kept, p->kept);
    te_window_s16_helium_copy(out + p->kept, in, p->fresh);
    te_window_s16_helium_copy(kept, out + p->fresh, p->kept);
}
