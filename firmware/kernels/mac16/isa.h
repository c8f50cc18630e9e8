/* SPDX-License-Identifier: Apache-2.0 */
/* What these kernels need of a compiler, told before it stumbles over the first instruction. Espressif's
   have their chip in the core's header; Debian's, with TE_LX_BYTES, knows none. */
#if !defined(TE_MAC16_MODEL) && !defined(__XTENSA_EL__)
#error "this model's kernels are for the ESP32: compile for it, as with xtensa-esp32-elf-gcc"
#endif
#if defined(__XTENSA_EL__) && !defined(TE_LX_BYTES) && __has_include(<xtensa/config/core-isa.h>)
#include <xtensa/config/core-isa.h>
#if !XCHAL_HAVE_MAC16 || !XCHAL_HAVE_LOOPS
#error "this model's kernels are for the ESP32, and the compiler is for a chip without MAC16 or loops"
#endif
#endif
