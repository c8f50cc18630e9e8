/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHIP_H
#define CHIP_H

#define ESP_USB 0x6000F000u /* USB-Serial-JTAG */

/* Shows the weights that are in flash, if any are. */
void te_cache_init(void);

#endif
