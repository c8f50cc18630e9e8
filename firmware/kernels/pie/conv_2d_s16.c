/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors, where sums fit 32 bits. */
#include "kernels/pie/conv_2d.h"
#include "kernels/pie/output.h"

TE_PIE_INLINE int16_t te_conv_2d_s16_pie_scaled(const te_conv_2d *p, const te_conv_2d_pie *laid, int32_t sum,
                                                int32_t shift, int32_t multiplier, int32_t added) {
    if (laid->shift != 0)
        return te_pie_scaled_s16(sum, multiplier, INT32_C(1) << laid->shift >> 1, laid->shift, p->out_min,
                                 p->out_max);
    return te_pie_scaled_s16(sum, multiplier, added, shift, p->out_min, p->out_max);
}

#define TE_CONV(end) te_conv_2d_s16##end
#define TE_SCALED te_conv_2d_s16_pie_scaled
#include "kernels/pie/conv_2d_s16_body.h"
