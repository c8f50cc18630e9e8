/* SPDX-License-Identifier: Apache-2.0 */
/* te_mean row by row: TE_MEAN is the kernel's name, TE_ELEMENT the type of elements, TE_ALONG(p, groups, from, out)
 * makes all rows of a block where each is one mean, of elements that lie side by side, TE_ACROSS(p, groups, from, out)
 * a row of several. Included once for each. */
#include "kernels/mean.h"

TE_KERNEL void TE_MEAN(const te_mean *restrict p, const TE_ELEMENT *in, TE_ELEMENT *out) {
    const te_mean_groups groups = te_mean_grouped(p);
    for (int32_t block = 0; block < groups.blocks; block++) {
        if (groups.row == 1) {
            TE_ALONG(p, groups, in, out);
        } else {
            TE_ROLLED
            for (int32_t j = 0; j < groups.rows; j++)
                TE_ACROSS(p, groups, in + j * groups.step, out + j * groups.row);
        }
        in += groups.count * groups.pitch;
        out += groups.rows * groups.row;
    }
}

#undef TE_MEAN
#undef TE_ELEMENT
#undef TE_ALONG
#undef TE_ACROSS
