/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/mfcc.h"

TE_KERNEL te_mfcc_s16_fn te_mfcc_s16_portable;

TE_KERNEL void te_mfcc_s16_portable(const te_mfcc *restrict p, const int16_t *in, const int16_t *matrix,
                                    int16_t *out) {
    for (int32_t row = 0; row < p->rows; row++, in += p->filters) {
        const int16_t *weight = matrix;
        for (int32_t coefficient = 0; coefficient < p->coefficients; coefficient++) {
            int64_t sum = INT64_C(1) << (p->shift - 1);
            for (int32_t i = 0; i < p->filters; i++)
                sum += in[i] * *weight++;
            sum >>= p->shift;
            *out++ = (int16_t)(sum < INT16_MIN ? INT16_MIN : sum > INT16_MAX ? INT16_MAX : sum);
        }
    }
}
