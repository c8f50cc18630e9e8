/* SPDX-License-Identifier: Apache-2.0 */
/* te_max_pool_2d for any width of element, whose lanes are channels: TE_ELEMENT is its type, TE_TYPED(name, end) is
 * name_s8end or name_s16end, TE_LANES(name) an intrinsic with the ending of a group of eight vectors, TE_VECTOR their
 * type, TE_LENGTH(count) how many lanes come next, TE_LOAD and TE_STORE move them; included once for each. */
#include "kernels/pool_2d.h"
#include "kernels/rvv/vector.h"

/* As pool_2d_pixels.h has it. */
static inline __attribute__((always_inline)) void
TE_TYPED(te_max_pool_2d, _pixel)(const te_pool_2d *p, const TE_ELEMENT *x, int32_t height, int32_t width,
                                 TE_ELEMENT *out) {
    int32_t count = p->channels;
    TE_ROLLED
    while (count > 0) {
        const size_t vl = TE_LENGTH((size_t)count);
        TE_VECTOR largest = TE_LANES(vmv_v_x)((TE_ELEMENT)p->out_min, vl);
        TE_ROLLED
        for (int32_t ky = 0; ky < height; ky++) {
            const TE_ELEMENT *from = x + ky * p->in_width * p->channels;
            TE_TAPS
            for (int32_t kx = 0; kx < width; kx++) {
                largest = TE_LANES(vmax_vv)(largest, TE_LOAD(from, vl), vl);
                from += p->channels;
            }
        }
        TE_STORE(out, TE_LANES(vmin_vx)(largest, (TE_ELEMENT)p->out_max, vl), vl);
        x += vl;
        out += vl;
        count -= (int32_t)vl;
    }
}

TE_KERNEL TE_TYPED(te_max_pool_2d, _fn) TE_TYPED(te_max_pool_2d, _rvv);

#define TE_POOL_2D TE_TYPED(te_max_pool_2d, _rvv)
#define TE_PIXEL TE_TYPED(te_max_pool_2d, _pixel)
#include "kernels/pool_2d_pixels.h"

#undef TE_TYPED
#undef TE_LANES
#undef TE_VECTOR
#undef TE_LENGTH
#undef TE_LOAD
#undef TE_STORE
