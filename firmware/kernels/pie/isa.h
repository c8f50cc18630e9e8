/* SPDX-License-Identifier: Apache-2.0 */
/* What these kernels need of a compiler, told before it stumbles over the first instruction. */
#if !defined(TE_PIE_MODEL) && !defined(__XTENSA_EL__)
#error                                                                                                       \
    "this model's kernels are for the vectors of the ESP32-S3: compile for it, as with xtensa-esp32s3-elf-gcc"
#endif
