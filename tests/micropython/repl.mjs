// SPDX-License-Identifier: Apache-2.0
// node repl.mjs MICROPYTHON.mjs: MicroPython's REPL on stdin and stdout, as a board has it on its line.
import { pathToFileURL } from "node:url";

const { loadMicroPython } = await import(pathToFileURL(process.argv[2]).href);
const micropython = await loadMicroPython({
  heapsize: 4 << 20,
  stdout: (data) => process.stdout.write(data),
  linebuffer: false,
});
micropython.replInit();
// This port waits for nothing, and so ends raw-paste mode as soon as it began: say that there is none.
let held = "";
for await (const chunk of process.stdin) {
  for (const byte of chunk) {
    held += String.fromCharCode(byte);
    if (held === "\x05A\x01") {
      process.stdout.write("R\x00");
      held = "";
    } else if (!"\x05A\x01".startsWith(held)) {
      for (const character of held) micropython.replProcessChar(character.charCodeAt(0));
      held = "";
    }
  }
}
