/**
 * Keeps the engine's code of the built bundles in `dist/compiled`, for the Node that runs this:
 * `bin/compiled.js` starts a bundle sooner with it, and as well without it.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import wabt from "wabt";
import { storeCellCode, warmGuestFile } from "./store-cell-code.ts";

/** Exits at once: what counts are the functions of the command line on the way there. */
const GUEST = `(module (memory (export "memory") 1) (func (export "_start")))`;

/** Where the cell and the command line of this Node have their code, and the guest to warm up. */
export function codeFiles(root: string): string[] {
  const { arch, versions } = process;
  const folder = join(root, "dist", "compiled");
  const codes = ["cell", "cli-run"].map((name) => join(folder, `${name}-${versions.v8}-${arch}`));
  return [...codes, warmGuestFile(root)];
}

/** @returns whether there is code for all of them now; without `bin` there is nothing to start. */
export async function storeCode(root: string): Promise<boolean> {
  if (!existsSync(join(root, "bin", "compiled.js"))) return false;
  const [cellCode = ""] = codeFiles(root);
  return (await storeCellCode(root, cellCode)) && (await storeCommandLineCode(root));
}

async function storeCommandLineCode(root: string): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "zerovm-code-"));
  try {
    const program = join(folder, "guest.wasm");
    const toolkit = await wabt();
    writeFileSync(program, toolkit.parseWat("guest.wat", GUEST).toBinary({}).buffer);
    const starter = JSON.stringify(join(root, "bin", "compiled.js"));
    const script = `require(${starter}).runCompiled("cli-run", true)`;
    const words = ["run", "--env", "NAME=value", program, `@${program}`];
    const args = ["-e", script, "zerovm", ...words];
    return spawnSync(process.execPath, args, { stdio: "ignore" }).status === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
