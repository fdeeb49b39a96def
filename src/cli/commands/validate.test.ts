import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { captured } from "../../../test/support/captured.ts";
import { writingGuest } from "../../../test/support/guests.ts";
import { workInOwnFolder } from "../../../test/support/temporary-folder.ts";
import { writeNexe } from "../../nacl/elf/index.ts";

workInOwnFolder(() => undefined);

describe("zerovm validate", () => {
  const NOPS = new Uint8Array(64).fill(0x90);
  const RET = NOPS.with(0x21, 0xc3);

  test("bare code: a line a finding, with the offset in hexadecimal", async () => {
    writeFileSync("good.bin", NOPS);
    writeFileSync("bad.bin", RET);
    expect(await captured(["validate", "--raw", "good.bin"])).toEqual({
      status: 0,
      stdout: "",
      stderr: "",
    });
    const { status, stdout } = await captured(["validate", "--raw", "bad.bin"]);
    expect([status, stdout]).toEqual([126, "21: unrecognized instruction\n"]);
  });

  test("warnings are told on standard error and refuse nothing", async () => {
    const bytes = Uint8Array.from(NOPS);
    bytes.set([0xe8, 0xfb, 0xff, 0xff, 0xff]);
    writeFileSync("call.bin", bytes);
    expect(await captured(["validate", "--raw", "call.bin"])).toEqual({
      status: 0,
      stdout: "",
      stderr: "0: warning - bad call alignment\n",
    });
  });

  test("the policy decides about rdtsc", async () => {
    writeFileSync("rdtsc.bin", NOPS.with(0, 0x0f).with(1, 0x31));
    const asked = ["validate", "--raw", "rdtsc.bin"];
    expect((await captured(asked)).status).toBe(126);
    expect((await captured([...asked, "--policy", "nacl"])).status).toBe(0);
    expect((await captured([...asked, "--policy", "zerovm"])).status).toBe(126);
  });

  test("code that is no whole number of bundles", async () => {
    writeFileSync("short.bin", NOPS.subarray(0, 63));
    const { status, stdout } = await captured(["validate", "--raw", "short.bin"]);
    expect([status, stdout]).toEqual([126, "3f: the code ends within a bundle of 32 bytes\n"]);
  });

  test("a nexe by its code, with offsets from the start of the text", async () => {
    writeFileSync("good.nexe", writeNexe({ text: NOPS }));
    expect((await captured(["validate", "good.nexe"])).status).toBe(0);
    writeFileSync("bad.nexe", writeNexe({ text: RET }));
    const { status, stdout } = await captured(["validate", "bad.nexe"]);
    expect([status, stdout]).toEqual([126, "21: unrecognized instruction\n"]);
    const { stdout: json } = await captured(["validate", "--json", "bad.nexe"]);
    expect(JSON.parse(json)).toEqual({
      path: "bad.nexe",
      kind: "nexe",
      valid: false,
      findings: [{ offset: 0x21, reason: "unrecognized instruction" }],
      moreFindings: 0,
      warnings: [],
      moreWarnings: 0,
    });
  });

  test("a nexe by its structure", async () => {
    writeFileSync("arm.nexe", writeNexe({ text: NOPS }).with(18, 40));
    const { status, stdout } = await captured(["validate", "arm.nexe"]);
    expect(status).toBe(126);
    expect(stdout).toMatch(/^12: e_machine is 40, not 62 .*\n$/);
  });

  test("a WebAssembly module, and what is no program", async () => {
    writeFileSync("p.wasm", writingGuest("x"));
    expect(await captured(["validate", "p.wasm"])).toEqual({ status: 0, stdout: "", stderr: "" });
    writeFileSync("text.txt", "no program");
    const { status, stdout } = await captured(["validate", "text.txt"]);
    expect(status).toBe(126);
    expect(stdout).toMatch(/^0: .*not a WebAssembly module\n$/);
  });

  test("more findings than are kept", async () => {
    writeFileSync("rets.bin", new Uint8Array(32 * 1500).fill(0xc3));
    const { status, stdout, stderr } = await captured(["validate", "--raw", "rets.bin"]);
    expect(status).toBe(126);
    expect(stdout.split("\n")).toHaveLength(1001);
    expect(stderr).toBe("and 500 more findings\n");
  });

  describe("on a terminal", () => {
    const wasTerminal = process.stdout.isTTY;
    const setTerminal = (isTTY: boolean): void => {
      Object.defineProperty(process.stdout, "isTTY", { value: isTTY, configurable: true });
    };
    beforeEach(() => setTerminal(true));
    afterEach(() => setTerminal(wasTerminal));

    test("prints a hundred findings, and all that are asked for", async () => {
      writeFileSync("rets.bin", new Uint8Array(32 * 300).fill(0xc3));
      const short = await captured(["validate", "--raw", "rets.bin"]);
      expect(short.status).toBe(126);
      expect(short.stdout.trimEnd().split("\n")).toHaveLength(100);
      expect(short.stderr).toBe("and 200 more findings: --all or --json shows them\n");
      const all = await captured(["validate", "--raw", "--all", "rets.bin"]);
      expect(all.stdout.trimEnd().split("\n")).toHaveLength(300);
      expect(all.stderr).toBe("");
      writeFileSync("few.bin", new Uint8Array(32 * 100).fill(0xc3));
      expect((await captured(["validate", "--raw", "few.bin"])).stderr).toBe("");
    });
  });

  test.each([
    [["validate"], "zerovm validate: name one FILE"],
    [["validate", "absent"], "Cannot read absent: no such file or directory"],
    [["validate", "."], "Cannot read .: it is no regular file"],
    [["validate", "--policy", "x", "absent"], "--policy is one of zerovm, nacl"],
  ])("%j is an error", async (argv, message) => {
    const { status, stderr } = await captured(argv);
    expect([status, stderr]).toEqual([125, expect.stringContaining(message)]);
  });
});
