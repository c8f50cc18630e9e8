/* SPDX-License-Identifier: Apache-2.0 */
/* Eight rows of one of several channels. */
#ifndef TE_HELIUM_ROWS_H
#define TE_HELIUM_ROWS_H

#include "kernels/kernel.h"

#include <arm_mve.h>

static inline uint16x8_t te_helium_rows_apart(int32_t channels) {
    return vmulq_n_u16(vidupq_n_u16(0, 1), (uint16_t)channels);
}

static inline int16x8_t te_helium_rows(const int16_t *in, int32_t channels) {
    return channels == 1 ? vldrhq_s16(in)
                         : vldrhq_gather_shifted_offset_s16(in, te_helium_rows_apart(channels));
}

/* Those that `lanes` leaves out are 0 and not read. */
static inline int16x8_t te_helium_rows_of(const int16_t *in, int32_t channels, mve_pred16_t lanes) {
    return channels == 1 ? vldrhq_z_s16(in, lanes)
                         : vldrhq_gather_shifted_offset_z_s16(in, te_helium_rows_apart(channels), lanes);
}

#endif
