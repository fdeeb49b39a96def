import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { zerovm } from "../../../test/support/command-line.ts";
import { guestOf } from "../../../test/support/guests.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";

const newFolder = temporaryFolders();

const GUEST = guestOf(
  `(drop (call $write (i32.const 1) (i32.const 64) (i32.const 5)))`,
  `(data (i32.const 64) "start\\n")
   (func (export "wizer.initialize")
     (drop (call $write (i32.const 2) (i32.const 64) (i32.const 6)))
     (i32.store (i32.const 64) (i32.const 0x7a6f7266)) (i32.store8 (i32.const 68) (i32.const 10)))
   (func (export "leave") (call $proc_exit (i32.const 7)))
   (func (export "stay") (drop (call $open (i32.const 80) (i32.const 3) (i32.const 1)
     (i64.const 64))))
   (data (i32.const 80) "new")`,
);

// Cells need Linux.
describe.runIf(process.platform === "linux")("zerovm freeze", () => {
  test("writes a program that run and inspect know", async () => {
    const cwd = newFolder();
    writeFileSync(join(cwd, "p.wasm"), GUEST);
    const frozen = await zerovm(["freeze", "-o", "image", "p.wasm"], { cwd });
    expect([frozen.status, frozen.stderr]).toEqual([0, "start\n"]);
    expect(frozen.stdout).toMatch(/^image: \d+ bytes, sha256 [0-9a-f]{64}\n$/);
    expect(await zerovm(["run", "./image"], { cwd })).toEqual({
      status: 0,
      stdout: "froz\n",
      stderr: "",
    });
    const { stdout } = await zerovm(["inspect", "image"], { cwd });
    expect(stdout).toMatch(/Frozen from the program with sha256 [0-9a-f]{64}\n/);
  });

  test("says why there is no image", async () => {
    const cwd = newFolder();
    writeFileSync(join(cwd, "p.wasm"), GUEST);
    const named = (name: string) =>
      zerovm(["freeze", "-o", "i", "--init", name, "p.wasm"], { cwd });
    expect(await named("leave")).toMatchObject({ status: 7 });
    const kept = await named("stay");
    expect(kept.status).toBe(125);
    expect(kept.stderr).toContain("/new was made or written");
    expect((await named("none")).stderr).toContain("exports no function none");
    expect((await zerovm(["freeze", "p.wasm"], { cwd })).stderr).toContain("with -o IMAGE");
    expect(existsSync(join(cwd, "i"))).toBe(false);
  });
});
