/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the memory calls by the names that Arm's run-time ABI gives them, hands them on; 4 and 8 promise
 * alignment. */
#include "bytes.h"
#include "hal.h"

#if HAL_FREESTANDING && defined(__ARM_EABI__)

void __aeabi_memcpy(void *to, const void *from, size_t size);
void __aeabi_memcpy4(void *to, const void *from, size_t size);
void __aeabi_memcpy8(void *to, const void *from, size_t size);
void __aeabi_memmove(void *to, const void *from, size_t size);
void __aeabi_memmove4(void *to, const void *from, size_t size);
void __aeabi_memmove8(void *to, const void *from, size_t size);
void __aeabi_memset(void *to, size_t size, int value);
void __aeabi_memset4(void *to, size_t size, int value);
void __aeabi_memset8(void *to, size_t size, int value);
void __aeabi_memclr(void *to, size_t size);
void __aeabi_memclr4(void *to, size_t size);
void __aeabi_memclr8(void *to, size_t size);

TE_NO_BUILTIN void __aeabi_memcpy(void *to, const void *from, size_t size) { (void)memcpy(to, from, size); }
TE_NO_BUILTIN void __aeabi_memcpy4(void *to, const void *from, size_t size) { (void)memcpy(to, from, size); }
TE_NO_BUILTIN void __aeabi_memcpy8(void *to, const void *from, size_t size) { (void)memcpy(to, from, size); }
TE_NO_BUILTIN void __aeabi_memmove(void *to, const void *from, size_t size) { (void)memmove(to, from, size); }
TE_NO_BUILTIN void __aeabi_memmove4(void *to, const void *from, size_t size) {
    (void)memmove(to, from, size);
}
TE_NO_BUILTIN void __aeabi_memmove8(void *to, const void *from, size_t size) {
    (void)memmove(to, from, size);
}
TE_NO_BUILTIN void __aeabi_memset(void *to, size_t size, int value) { (void)memset(to, value, size); }
TE_NO_BUILTIN void __aeabi_memset4(void *to, size_t size, int value) { (void)memset(to, value, size); }
TE_NO_BUILTIN void __aeabi_memset8(void *to, size_t size, int value) { (void)memset(to, value, size); }
TE_NO_BUILTIN void __aeabi_memclr(void *to, size_t size) { (void)memset(to, 0, size); }
TE_NO_BUILTIN void __aeabi_memclr4(void *to, size_t size) { (void)memset(to, 0, size); }
TE_NO_BUILTIN void __aeabi_memclr8(void *to, size_t size) { (void)memset(to, 0, size); }

#endif
