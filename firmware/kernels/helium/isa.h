/* SPDX-License-Identifier: Apache-2.0 */
/* What these kernels need of a compiler, told before it stumbles over the first intrinsic. */
#if !defined(__ARM_FEATURE_MVE) || !(__ARM_FEATURE_MVE & 1)
#error "this model's kernels are for Helium: compile for it, as with -mcpu=cortex-m55 -mfloat-abi=hard"
#endif
