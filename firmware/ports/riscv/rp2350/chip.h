/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHIP_H
#define CHIP_H

#include "riscv.h"
#include "rp2350.h"

#endif
