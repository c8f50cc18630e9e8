// SPDX-License-Identifier: Apache-2.0
// Runs a sketch: setup(), and loop() once.
#include "Arduino.h"

SerialPort Serial;

int main() {
    setup();
    loop();
    return 0;
}
