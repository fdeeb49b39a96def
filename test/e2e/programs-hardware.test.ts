import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT, zerovm, zerovmOutput } from "../support/command-line.ts";
import { temporaryFolders } from "../support/temporary-folder.ts";
import { writeYosysShare } from "../support/yosys-share.ts";

/** Tools for hardware from npm, unchanged: large programs with answers that are known. */

const COUNTER = join(ROOT, "test/e2e/programs/counter.v");
const ICE40 = join(ROOT, "node_modules/@yowasp/nextpnr-ice40/gen");
/** What these versions of the tools make of the counter, under other WASI hosts as well. */
const CHIP_TEXT_SHA256 = "a57f3283ee89b2ea3478b3b3a5cc9e011d66a735cec14e450e9171e48ad0b4e8";
const BITSTREAM_SHA256 = "fb1271f2fbd6a065259db578d4bb4d7e818a21091ca3c39ddb26d74b12bbdd05";
const newFolder = temporaryFolders();

function digestOf(...path: string[]): string {
  return createHash("sha256")
    .update(readFileSync(join(...path)))
    .digest("hex");
}

describe("icepll", () => {
  test("writes its settings as a module of Verilog into a granted file", async () => {
    const cwd = newFolder();
    const args = ["run", "icepll", "-i", "16", "-o", "48", "-m", "-f", "@+pll.v"];
    expect(await zerovmOutput(args, { cwd })).toContain("F_PLLOUT:   48.000 MHz (achieved)");
    const text = readFileSync(join(cwd, "pll.v"), "utf8");
    expect(text).toContain(".DIVF(7'b0101111)");
  });

  test("refuses what cannot be", async () => {
    const args = ["run", "icepll", "-i", "1", "-o", "48"];
    expect((await zerovm(args, { cwd: newFolder() })).status).toBe(1);
  });
});

describe("yosys", () => {
  test("reads Verilog from a channel and writes JSON and Verilog to others", async () => {
    const cwd = newFolder();
    const commands = [
      "read_verilog /dev/counter.v",
      "proc; opt",
      "write_json /dev/counter.json",
      "write_verilog -noattr /dev/plain.v",
    ];
    const grants = ["-r", COUNTER, "-w", "counter.json", "-w", "plain.v"];
    await zerovmOutput(["run", ...grants, "yosys", "-q", "-p", commands.join("; ")], { cwd });
    const netlist = JSON.parse(readFileSync(join(cwd, "counter.json"), "utf8"));
    const { ports, cells } = netlist.modules.counter;
    expect(Object.keys(ports)).toEqual(["clk", "rst", "count"]);
    const types = Object.values<{ type: string }>(cells).map((cell) => cell.type);
    expect(types.sort()).toEqual(["$add", "$sdff"]);
    expect(readFileSync(join(cwd, "plain.v"), "utf8")).toContain("always @(posedge clk)");
  });

  test("reports a mistake of its user by its status", async () => {
    const ended = await zerovm(["run", "yosys", "-q", "-p", "nonsense"], { cwd: newFolder() });
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain("No such command: nonsense");
  });
});

describe("from Verilog to a bitstream", () => {
  test("yosys, nextpnr and icepack work one after the other", async () => {
    const cwd = newFolder();
    await writeYosysShare(join(cwd, "share"));
    const synthesis = "read_verilog /dev/counter.v; synth_ice40 -top counter -json /dev/net.json";
    const share = ["--dir", "share:/share:ro"];
    const grants = ["-r", COUNTER, "-w", "net.json"];
    await zerovmOutput(["run", ...share, ...grants, "yosys", "-q", "-p", synthesis], { cwd });
    const chips = ["--dir", `${join(ICE40, "share")}:/share:ro`];
    const place = ["--lp384", "--package", "qn32", "--seed", "1", "-q"];
    const files = ["--json", "@net.json", "--asc", "@+chip.asc"];
    const router = join(ICE40, "nextpnr-ice40.core.wasm");
    await zerovmOutput(["run", ...chips, router, ...place, ...files], { cwd });
    expect(readFileSync(join(cwd, "chip.asc"), "latin1")).toMatch(
      /^\.comment .*\n\n?\.device 384\n/,
    );
    await zerovmOutput(["run", "icepack", "@chip.asc", "@+chip.bin"], { cwd });
    expect(digestOf(cwd, "chip.asc")).toBe(CHIP_TEXT_SHA256);
    expect(digestOf(cwd, "chip.bin")).toBe(BITSTREAM_SHA256);
    await zerovmOutput(["run", "icepack", "-u", "@chip.bin", "@+again.asc"], { cwd });
    await zerovmOutput(["run", "icepack", "@again.asc", "@+again.bin"], { cwd });
    expect(readFileSync(join(cwd, "again.bin")).equals(readFileSync(join(cwd, "chip.bin")))).toBe(
      true,
    );
  });
});
