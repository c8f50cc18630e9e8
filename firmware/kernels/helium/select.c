/* SPDX-License-Identifier: Apache-2.0 */
/* A vector at a time; elements of 8 bytes, which are none of its lanes, are left to the portable kernel. */
#include "kernels/select.h"
#include "kernels/helium/vector.h"

/* Elements of one byte; those of more bytes alike. A step of 0 repeats an element. */
static inline void te_select_bytes(const te_select *p, const uint8_t *c, const uint8_t *a, const uint8_t *b,
                                   uint8_t *out) {
    TE_ROLLED
    for (int32_t left = p->size[3]; left > 0; left -= 16) {
        const mve_pred16_t lanes = vctp8q((uint32_t)left);
        const uint8x16_t flags = p->c_step[3] ? vldrbq_z_u8(c, lanes) : vdupq_n_u8(*c);
        const uint8x16_t x = p->a_step[3] ? vldrbq_z_u8(a, lanes) : vdupq_n_u8(*a);
        const uint8x16_t y = p->b_step[3] ? vldrbq_z_u8(b, lanes) : vdupq_n_u8(*b);
        vstrbq_p_u8(out, vpselq_u8(x, y, vcmpneq_n_u8(flags, 0)), lanes);
        c += 16 * p->c_step[3];
        a += 16 * p->a_step[3];
        b += 16 * p->b_step[3];
        out += 16;
    }
}

static inline void te_select_halves(const te_select *p, const uint8_t *c, const uint16_t *a,
                                    const uint16_t *b, uint16_t *out) {
    TE_ROLLED
    for (int32_t left = p->size[3]; left > 0; left -= 8) {
        const mve_pred16_t lanes = vctp16q((uint32_t)left);
        const uint16x8_t flags = p->c_step[3] ? vldrbq_z_u16(c, lanes) : vdupq_n_u16(*c);
        const uint16x8_t x = p->a_step[3] ? vldrhq_z_u16(a, lanes) : vdupq_n_u16(*a);
        const uint16x8_t y = p->b_step[3] ? vldrhq_z_u16(b, lanes) : vdupq_n_u16(*b);
        vstrhq_p_u16(out, vpselq_u16(x, y, vcmpneq_n_u16(flags, 0)), lanes);
        c += 8 * p->c_step[3];
        a += 8 * p->a_step[3];
        b += 8 * p->b_step[3];
        out += 8;
    }
}

static inline void te_select_words(const te_select *p, const uint8_t *c, const uint32_t *a, const uint32_t *b,
                                   uint32_t *out) {
    TE_ROLLED
    for (int32_t left = p->size[3]; left > 0; left -= 4) {
        const mve_pred16_t lanes = vctp32q((uint32_t)left);
        const uint32x4_t flags = p->c_step[3] ? vldrbq_z_u32(c, lanes) : vdupq_n_u32(*c);
        const uint32x4_t x = p->a_step[3] ? vldrwq_z_u32(a, lanes) : vdupq_n_u32(*a);
        const uint32x4_t y = p->b_step[3] ? vldrwq_z_u32(b, lanes) : vdupq_n_u32(*b);
        vstrwq_p_u32(out, vpselq_u32(x, y, vcmpneq_n_u32(flags, 0)), lanes);
        c += 4 * p->c_step[3];
        a += 4 * p->a_step[3];
        b += 4 * p->b_step[3];
        out += 4;
    }
}

TE_KERNEL te_select_fn te_select_helium;

TE_KERNEL void te_select_helium(const te_select *restrict p, const void *condition, const void *a,
                                const void *b, void *out) {
    int32_t done = 0;
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[1]; j++) {
            for (int32_t k = 0; k < p->size[2]; k++) {
                const uint8_t *c =
                    (const uint8_t *)condition + i * p->c_step[0] + j * p->c_step[1] + k * p->c_step[2];
                const int32_t x = i * p->a_step[0] + j * p->a_step[1] + k * p->a_step[2];
                const int32_t y = i * p->b_step[0] + j * p->b_step[1] + k * p->b_step[2];
                if (p->width == 1)
                    te_select_bytes(p, c, (const uint8_t *)a + x, (const uint8_t *)b + y,
                                    (uint8_t *)out + done);
                else if (p->width == 2)
                    te_select_halves(p, c, (const uint16_t *)a + x, (const uint16_t *)b + y,
                                     (uint16_t *)out + done);
                else
                    te_select_words(p, c, (const uint32_t *)a + x, (const uint32_t *)b + y,
                                    (uint32_t *)out + done);
                done += p->size[3];
            }
        }
    }
}
