/**
 * `node browser-shim.mjs FOLDER PROGRAM`: browser_wasi_shim, whose files are in memory: the files
 * of FOLDER/dev, if not "-", as `/dev`.
 */
import { readdirSync, readFileSync, writeSync } from "node:fs";
import {
  Directory,
  wasi as definitions,
  Fd,
  File,
  PreopenDirectory,
  WASI,
} from "@bjorn3/browser_wasi_shim";

class Output extends Fd {
  fd_write(data) {
    writeSync(1, data);
    return { ret: definitions.ERRNO_SUCCESS, nwritten: data.length };
  }
}

const [folder, program] = process.argv.slice(2);
const names = folder === "-" ? [] : readdirSync(`${folder}/dev`);
const files = names.map((name) => [name, new File(readFileSync(`${folder}/dev/${name}`))]);
const root = new PreopenDirectory("/", new Map([["dev", new Directory(new Map(files))]]));
const fds = [new Fd(), new Output(), new Output(), root];
const wasi = new WASI([program], [], fds, { debug: false });
const module = new WebAssembly.Module(readFileSync(program));
wasi.start(new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi.wasiImport }));
