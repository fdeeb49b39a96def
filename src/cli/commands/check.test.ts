import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { captured } from "../../../test/support/captured.ts";
import { workInOwnFolder } from "../../../test/support/temporary-folder.ts";
import { writeNexe } from "../../nacl/elf/index.ts";

workInOwnFolder(() => undefined);

describe("zerovm check of a nexe", () => {
  const NOPS = new Uint8Array(64).fill(0x90);
  const checked = async (...argv: string[]): Promise<unknown[]> => {
    const { status, stdout, stderr } = await captured(["check", ...argv]);
    return [status, stdout, stderr];
  };

  test("finds nothing in a good one", async () => {
    writeFileSync("good.nexe", writeNexe({ text: NOPS }));
    expect(await checked("good.nexe")).toEqual([0, "good.nexe: nexe, 0 errors, 0 warnings\n", ""]);
    writeFileSync("good", writeNexe({ text: NOPS }));
    const { stdout } = await captured(["check", "--json", "good"]);
    expect(JSON.parse(stdout)).toEqual([{ file: "good", kind: "nexe", diagnostics: [] }]);
  });

  test("tells every finding of the code, by the policy", async () => {
    const rdtsc = NOPS.with(0, 0x0f).with(1, 0x31).with(0x21, 0xc3);
    writeFileSync("bad.nexe", writeNexe({ text: rdtsc }));
    expect(await checked("bad.nexe")).toEqual([
      1,
      "bad.nexe: nexe, 2 errors, 0 warnings\n",
      // What may be done about both is said once.
      expect.stringMatching(/code at 0x0 of its text: .*\n.*code at 0x21 of its text.*\n {2}.*\n$/),
    ]);
    const [, stdout] = await checked("--policy", "nacl", "bad.nexe");
    expect(stdout).toBe("bad.nexe: nexe, 1 error, 0 warnings\n");
  });

  test("takes instructions with VEX by the policy that accepts them", async () => {
    const text = Uint8Array.of(0xc5, 0xfc, 0x58, 0xc1, ...NOPS).subarray(0, 64);
    writeFileSync("wide.nexe", writeNexe({ text }));
    const [status, stdout] = await checked("--policy", "nacl", "wide.nexe");
    expect([status, stdout]).toEqual([0, "wide.nexe: nexe, 0 errors, 0 warnings\n"]);
    const [refused] = await checked("wide.nexe");
    expect(refused).toBe(1);
  });

  test("tells a file that is none by what it was to be", async () => {
    for (const [bytes, what] of [
      [new Uint8Array(0), "an empty file"],
      [new Uint8Array(99).fill(1), "no program of a known kind"],
    ] as const) {
      writeFileSync("none.nexe", bytes);
      const found = `${what}; expected a Native Client program, an ELF file for x86-64`;
      expect(await checked("none.nexe")).toEqual([
        1,
        "none.nexe: nexe, 1 error, 0 warnings\n",
        expect.stringContaining(found),
      ]);
    }
    writeFileSync("image", "zerovm.frozen\n");
    expect(await checked("image")).toEqual([
      1,
      "image: nexe, 1 error, 0 warnings\n",
      expect.stringContaining("is a damaged image"),
    ]);
    writeFileSync("cut", Uint8Array.of(0x7f, 0x45, 0x4c, 0x46));
    expect(await checked("cut")).toEqual([
      1,
      expect.stringMatching(/^cut: nexe/),
      expect.any(String),
    ]);
  });
});

test("zerovm check of a manifest looks at its wires and their key", async () => {
  const standard = ["stdin", "stdout", "stderr"].map((name, index) => {
    const limits = index === 0 ? "1, 1, 0, 0" : "0, 0, 1, 1";
    return `Channel = /dev/${name}, /dev/${name}, 0, 0, ${limits}`;
  });
  writeFileSync("job.key", "no key");
  const lines = [
    "Version = 20130611",
    "Program = /p",
    "Memory = 4096, 0",
    "Timeout = 1",
    ...standard,
    "Channel = tcp:[::1]:0, /dev/out, 0, 0, 0, 0, 1, 1",
    `Key = ${process.cwd()}/job.key`,
  ];
  writeFileSync("m.manifest", lines.join("\n"));
  const { status, stdout, stderr } = await captured(["check", "m.manifest"]);
  expect([status, stdout]).toEqual([1, "m.manifest: manifest, 2 errors, 0 warnings\n"]);
  expect(stderr).toContain("m.manifest:8:11: error: Source tcp:[::1]:0 of channel /dev/out");
  expect(stderr).toMatch(/m\.manifest:9:1: error: Cannot use the key .*: it has another form/);
});
