/* SPDX-License-Identifier: Apache-2.0 */
/* A value that leaves a section is one product of vectors of what entered it, and one of what left it before:
   both lie in the order of time behind the two of the rows before. */
#include "kernels/biquad.h"

#include <arm_mve.h>

enum { TE_BIQUAD_ROWS = 32 }; /* that pass one section before the next */

/* in, out [2 + rows + 2], of out the first two known: as te_biquad_s16_fn, of one section. The two behind
   the rows count for nothing. */
static inline void te_biquad_s16_helium_section(const int32_t *c, int32_t rows, const int32_t *in,
                                                int32_t *out) {
    const int32x4_t enters = {c[2], c[1], c[0], 0}, leaves = {-c[4], -c[3], 0, 0};
    for (int32_t i = 0; i < rows; i++) {
        const int64_t sum =
            vmlaldavaq_s32(vmlaldavq_s32(vldrwq_s32(in + i), enters), vldrwq_s32(out + i), leaves);
        out[i + 2] = (int32_t)srshrl(sum, TE_BIQUAD_FRACTION);
    }
}

TE_KERNEL te_biquad_s16_fn te_biquad_s16_helium;

TE_KERNEL void te_biquad_s16_helium(const te_biquad *restrict p, const int16_t *in,
                                    const int32_t *coefficients, int32_t *delays, int16_t *out) {
    int32_t values[2][TE_BIQUAD_ROWS + 4] = {0};
    const uint32x4_t apart = vmulq_n_u32(vidupq_n_u32(0, 1), (uint32_t)p->channels);
    for (int32_t channel = 0; channel < p->channels; channel++) {
        for (int32_t first = 0; first < p->rows; first += TE_BIQUAD_ROWS) {
            const int32_t rows = te_min(TE_BIQUAD_ROWS, p->rows - first), at = first * p->channels + channel;
            int32_t *now = values[0], *next = values[1], *delay = delays;
            for (int32_t i = 0; i < rows; i += 4) {
                const mve_pred16_t lanes = vctp32q((uint32_t)(rows - i));
                const int32x4_t x =
                    vldrhq_gather_shifted_offset_z_s32(in + at + i * p->channels, apart, lanes);
                vstrwq_p_s32(now + 2 + i, vshlq_r_s32(x, p->extra), lanes);
            }
            for (int32_t section = 0; section <= p->sections; section++, delay += 2) {
                now[0] = delay[1];
                now[1] = delay[0];
                delay[1] = now[rows];
                delay[0] = now[rows + 1];
                if (section == p->sections)
                    break;
                next[0] = delay[3];
                next[1] = delay[2];
                te_biquad_s16_helium_section(coefficients + 5 * section, rows, now, next);
                int32_t *left = now;
                now = next;
                next = left;
            }
            for (int32_t i = 0; i < rows; i += 4) {
                const mve_pred16_t lanes = vctp32q((uint32_t)(rows - i));
                const int32x4_t y = vrshlq_n_s32(vldrwq_z_s32(now + 2 + i, lanes), -p->extra);
                const int32x4_t limited =
                    vminq_s32(vmaxq_s32(y, vdupq_n_s32(INT16_MIN)), vdupq_n_s32(INT16_MAX));
                vstrhq_scatter_shifted_offset_p_s32(out + at + i * p->channels, apart, limited, lanes);
            }
        }
        delays += 2 * (p->sections + 1);
    }
}
