/* SPDX-License-Identifier: Apache-2.0 */
/* The caches of a Cortex-M7 or later. */
#ifndef CACHE_H
#define CACHE_H

/* Empties and enables both; leaves those that are on already. */
void te_caches_on(void);

#endif
