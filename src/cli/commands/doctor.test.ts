import { describe, expect, test } from "vitest";
import { ROOT, zerovm } from "../../../test/support/command-line.ts";
import { SYSTEM_CALLS, WALLS } from "../../zerovm/walls/index.ts";

const cwd = ROOT;

interface Found {
  readonly runs: boolean;
  readonly walls: readonly { readonly name: string; readonly stands: boolean }[];
  readonly advice: readonly string[];
}

// Cells need Linux.
describe.runIf(process.platform === "linux")("zerovm doctor", () => {
  test("tries every wall, and its status says whether sessions run", async () => {
    const { status, stdout, stderr } = await zerovm(["doctor", "--json"], { cwd });
    expect(stderr).toBe("");
    const found = JSON.parse(stdout) as Found;
    expect(found.walls.map(({ name }) => name)).toEqual(Object.keys(WALLS));
    expect(status).toBe(found.runs ? 0 : 1);
    const standing = found.walls.filter(({ stands }) => stands).map(({ name }) => name);
    expect(standing).toEqual(expect.arrayContaining(["seccomp", "rlimits", "lifeline"]));
    // What is missing is explained.
    expect(found.advice.length > 0).toBe(standing.length < found.walls.length);
  });

  test("finds what a session finds", async () => {
    const doctor = await zerovm(["doctor"], { cwd });
    const names = doctor.stdout.match(/^stands +\w+/gm)?.map((line) => line.split(/ +/)[1]);
    const run = await zerovm(["run", "--report=json", "sqlite", ":memory:", "select 1"], { cwd });
    const { walls } = JSON.parse(run.stderr) as { readonly walls: readonly string[] };
    expect([...walls].sort()).toEqual(names?.sort());
  });

  test("shows each system call with its reason", async () => {
    const { status, stdout } = await zerovm(["doctor", "--walls"], { cwd });
    expect(status).toBe(0);
    const text = stdout.replaceAll(/\s+/g, " ");
    for (const row of SYSTEM_CALLS) {
      const isHere = process.arch === "arm64" ? row.arm64 : row.x64;
      if (isHere !== undefined) expect(text).toContain(row.why);
    }
  });

  test("takes no operand", async () => {
    expect((await zerovm(["doctor", "x"], { cwd })).status).toBe(125);
  });
});
