/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHIP_H
#define CHIP_H

#include "cortex_m.h"
#include "rp2350.h"

#endif
