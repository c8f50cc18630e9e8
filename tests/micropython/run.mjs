// SPDX-License-Identifier: Apache-2.0
// node run.mjs MICROPYTHON.mjs SCRIPT.py FILE...: runs the script in MicroPython with copies of these files around it.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";

const [engine, script, ...files] = process.argv.slice(2);
const { loadMicroPython } = await import(pathToFileURL(engine).href);
const micropython = await loadMicroPython({ heapsize: 4 << 20, stdout: (line) => console.log(line), linebuffer: true });
for (const file of files) micropython.FS.writeFile(basename(file), readFileSync(file));
micropython.runPython(readFileSync(script, "utf8"));
