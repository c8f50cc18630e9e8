/* SPDX-License-Identifier: Apache-2.0 */
/* What these kernels need of a compiler, told before it stumbles over the first instruction. Espressif's
   compilers know their chip: instructions of 4 bytes are the vectors', which the ESP32 and ESP32-S2 lack. Those
   before GCC 13 have it in the core's header. Debian's, with TE_LX_BYTES, is for neither and knows no chip. */
#if !defined(TE_PIE_MODEL) && !defined(__XTENSA_EL__)
#error                                                                                                       \
    "this model's kernels are for the vectors of the ESP32-S3: compile for it, as with xtensa-esp32s3-elf-gcc"
#endif
#if defined(__XTENSA_EL__) && !defined(TE_LX_BYTES)
#if defined(__XCHAL_MAX_INSTRUCTION_SIZE)
#define TE_LONGEST_INSTRUCTION __XCHAL_MAX_INSTRUCTION_SIZE
#elif __has_include(<xtensa/config/core-isa.h>)
#include <xtensa/config/core-isa.h>
#define TE_LONGEST_INSTRUCTION XCHAL_MAX_INSTRUCTION_SIZE
#else
#define TE_LONGEST_INSTRUCTION 4 /* not known */
#endif
#if TE_LONGEST_INSTRUCTION < 4
#error                                                                                                       \
    "this model's kernels are for the vectors of the ESP32-S3, and the compiler is for an ESP32 without them"
#endif
#endif
