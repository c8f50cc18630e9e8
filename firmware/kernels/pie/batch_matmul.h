/* SPDX-License-Identifier: Apache-2.0 */
/* What only products of matrices for the ESP32-S3's vectors need to know; decided by tinyedge/plan/layout/pie_matmul.py.
 */
#ifndef TE_PIE_BATCH_MATMUL_H
#define TE_PIE_BATCH_MATMUL_H

#include "kernels/batch_matmul.h"
#include "kernels/pie/dot.h"
#include "kernels/pie/load.h"
#include "kernels/pie/ones.h"

/* In `window` a row of a, as whole vectors, then columns of b, in elements as wide, and a vector more. */
typedef void te_batch_matmul_pie_fn(const te_batch_matmul *p, const void *a, const void *b, void *out,
                                    int8_t *window);

enum { TE_BATCH_MATMUL_PIE_COLUMNS = 16 }; /* that are laid at once, if there are as many */

/* The sum of `vectors` vectors of bytes. */
TE_PIE_INLINE int32_t te_pie_batch_matmul_sum(te_pie *s, const te_pie_ones *constants, const int8_t *from,
                                              int32_t vectors) {
    const int8_t *ones = constants->ones;
    _Alignas(8) static const int32_t none[2] = {0, 0};
    const int32_t *zero = none;
    int32_t sum;
    TE_PIE_FENCE();
    TE_PIE_LD_ACCX(s, zero, 0);
    TE_PIE_VLD(s, 7, ones, 0);
    for (int32_t i = 0; i < vectors; i++) {
        TE_PIE_VLD(s, 6, from, 16);
        TE_PIE_MAC_LD(s, 7, ones, 0, 6, 7);
    }
    TE_PIE_ACCX(s, sum);
    (void)ones, (void)zero, (void)s;
    return sum;
}

/* Elements a step apart become neighbours. */
#define TE_PIE_BATCH_MATMUL_LAY(to, from, count, step)                                                       \
    do {                                                                                                     \
        if (sizeof *(to) == sizeof *(from) && (step) == 1) {                                                 \
            te_pie_copy_some((int8_t *)(to), (const int8_t *)(from), (count) * (int32_t)sizeof *(to));       \
        } else {                                                                                             \
            TE_UNROLLED_BY_4                                                                                 \
            for (int32_t i = 0; i < (count); i++)                                                            \
                (to)[i] = (from)[i * (step)];                                                                \
        }                                                                                                    \
    } while (0)

#endif
