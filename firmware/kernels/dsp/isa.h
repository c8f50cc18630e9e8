/* SPDX-License-Identifier: Apache-2.0 */
/* What these kernels need of a compiler, told before it stumbles over the first intrinsic. */
#if !defined(TE_DSP_MODEL) && (!defined(__ARM_FEATURE_DSP) || !__ARM_FEATURE_DSP)
#error "this model's kernels need Arm's DSP instructions: compile for them, as with -mcpu=cortex-m4"
#endif
