/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors: sums become outputs as they do in int8. */
#include "kernels/pie/conv_2d.h"
#include "kernels/pie/output.h"

TE_PIE_INLINE int16_t te_conv_2d_s16_narrow_pie_scaled(const te_conv_2d *p, const te_conv_2d_pie *laid,
                                                       int32_t sum, int32_t shift, int32_t multiplier,
                                                       int32_t added) {
    const te_pie_scaling how = {laid->left, 0, p->out_min < 0, 0, p->out_min, p->out_max};
    const int32_t shifted = (int32_t)((uint32_t)sum << laid->left);
    return te_pie_limited_s16(te_pie_rescaled(&how, shifted, multiplier, added, shift), p->out_min,
                              p->out_max);
}

#define TE_CONV(end) te_conv_2d_s16_narrow##end
#define TE_SCALED te_conv_2d_s16_narrow_pie_scaled
#include "kernels/pie/conv_2d_s16_body.h"
