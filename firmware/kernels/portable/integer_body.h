/* SPDX-License-Identifier: Apache-2.0 */
/* te_integer for any function and width: TE_INTEGER(end) is te_<kernel>end, TE_ELEMENT the type of elements,
 * TE_COMBINE_INTEGERS(p, u, v) what becomes of two; included once for each. */
#include "kernels/integer.h"

TE_KERNEL te_integer_fn TE_INTEGER(_portable);

#define TE_BINARY TE_INTEGER
#define TE_PARAMETERS te_integer
#define TE_LEFT TE_ELEMENT
#define TE_RIGHT TE_ELEMENT
#define TE_RESULT TE_ELEMENT
#define TE_COMBINE(p, u, v) (TE_ELEMENT) TE_COMBINE_INTEGERS(p, u, v)
#include "kernels/portable/binary_body.h"

#undef TE_INTEGER
#undef TE_ELEMENT
#undef TE_COMBINE_INTEGERS
