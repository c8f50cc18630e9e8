/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHIP_H
#define CHIP_H

#define ESP_USB 0x60038000u /* USB-Serial-JTAG */

#endif
