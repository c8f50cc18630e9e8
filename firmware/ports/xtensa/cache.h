/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CACHE_H
#define CACHE_H

/* Shows the weights that are in flash, if any are. */
void te_cache_init(void);

#endif
