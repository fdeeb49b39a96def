/** `node node-wasi.mjs VERSION FOLDER PROGRAM [ARG…]`: FOLDER, if not "-", is the root. */
import { readFileSync } from "node:fs";
import { WASI } from "node:wasi";

const [version, folder, program, ...args] = process.argv.slice(2);
const wasi = new WASI({
  version,
  args: [program, ...args],
  preopens: folder === "-" ? {} : { "/": folder },
});
const module = new WebAssembly.Module(readFileSync(program));
wasi.start(new WebAssembly.Instance(module, wasi.getImportObject()));
