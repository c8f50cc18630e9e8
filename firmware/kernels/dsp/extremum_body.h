/* SPDX-License-Identifier: Apache-2.0 */
/* te_extremum for any width of element, a word at a time: TE_ELEMENT is its type, TE_TYPED(name, end) is name_s8end or
 * name_s16end; included once for each. */
#include "kernels/dsp/halves.h"
#include "kernels/extremum.h"
#include "kernels/unrolled.h"

static inline __attribute__((always_inline)) void
TE_TYPED(te_extremum, _dsp_word)(const te_extremum *p, uint32_t u, uint32_t v, TE_ELEMENT *out) {
    const uint32_t x = p->largest ? u : v, y = p->largest ? v : u;
    const uint32_t found = TE_TYPED(te_halves_choose, )(u, v, x, y);
    memcpy(out, &found, sizeof found);
}

TE_KERNEL TE_TYPED(te_extremum, _fn) TE_TYPED(te_extremum, _dsp);

#define TE_BINARY TE_TYPED(te_extremum, _dsp)
#define TE_PARAMETERS te_extremum
#define TE_LEFT TE_ELEMENT
#define TE_RIGHT TE_ELEMENT
#define TE_RESULT TE_ELEMENT
#define TE_GIVEN(type) type
#define TE_COMBINE TE_TYPED(te_extremum, _dsp_word)
#include "kernels/dsp/binary_body.h"

#undef TE_ELEMENT
#undef TE_TYPED
