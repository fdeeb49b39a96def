import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { captured } from "../../../test/support/captured.ts";
import { makeTree, temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { listRuntimes } from "../../zerovm/index.ts";
import { REGISTRY } from "../registry.ts";

const newFolder = temporaryFolders();

async function scriptOf(shell: string): Promise<string> {
  const { status, stdout } = await captured(["completion", shell]);
  expect(status).toBe(0);
  return stdout;
}

/** What the bash function offers for the last of these words. */
function completed(folder: string, words: readonly string[]): string[] {
  const list = words.map((word) => `'${word}'`).join(" ");
  const asked = `COMP_WORDS=(zerovm ${list}); COMP_CWORD=${words.length}; _zerovm
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const run = spawnSync("bash", ["-c", `source ./script; ${asked}`], { cwd: folder });
  expect(`${run.stderr}`).toBe("");
  return `${run.stdout}`.split("\n").filter((line) => line !== "");
}

describe("completion", () => {
  test.each(["bash", "zsh", "fish"])(
    "the script for %s is well formed and whole",
    async (shell) => {
      const script = await scriptOf(shell);
      const checked = spawnSync("bash", ["-n"], { input: script });
      expect([`${checked.stderr}`, checked.status]).toEqual(["", 0]);
      for (const [name, { load }] of Object.entries(REGISTRY)) {
        expect(script).toContain(name);
        for (const option of (await load()).options) {
          expect(script).toContain(shell === "fish" ? `-l ${option.name}` : `--${option.name}`);
        }
      }
    },
  );

  test("bash completes commands, options, verbs, runtimes and files", async () => {
    const folder = newFolder();
    makeTree(folder, { "sales.csv": "", "two words.txt": "" });
    writeFileSync(join(folder, "script"), await scriptOf("bash"));
    expect(completed(folder, ["ru"])).toEqual(["run", "runtime"]);
    expect(completed(folder, ["--v"])).toEqual(["--version"]);
    expect(completed(folder, ["run", "--re"])).toEqual([
      "--read",
      "--report",
      "--report-file",
      "--record",
    ]);
    expect(completed(folder, ["run", "pyt"])).toEqual(["python"]);
    expect(completed(folder, ["run", "sa"])).toEqual(["sales.csv"]);
    expect(completed(folder, ["run", "python", "@s"])).toEqual(["@script", "@sales.csv"].sort());
    expect(completed(folder, ["run", "python", "@+sa"])).toEqual(["@+sales.csv"]);
    expect(completed(folder, ["run", "two"])).toEqual(["two words.txt"]);
    expect(completed(folder, ["image", "b"])).toEqual(["build"]);
    const kinds = ["manifest", "nvram", "job", "zapp", "nexe"];
    expect(completed(folder, ["check", "--kind", ""])).toEqual(kinds);
    expect(completed(folder, ["nothing", "--x"])).toEqual([]);
    expect(completed(folder, ["run", "--limit", "fs-"])).toEqual(["fs-bytes=", "fs-nodes="]);
    expect(completed(folder, ["run", "--clock", ""])).toEqual(["real"]);
    expect(completed(folder, ["run", "--timeout", "5", "pyt"])).toEqual(["python"]);
    expect(completed(folder, ["image", "--json", "l"])).toEqual(["ls"]);
    expect(completed(folder, ["image", "ls", "--j"])).toEqual(["--json"]);
    expect(completed(folder, ["image", "build", "script", "b"])).toEqual([]);
    expect(completed(folder, ["runtime", "a"])).toEqual(["add"]);
    expect(completed(folder, ["pool", "--s"])).toEqual(["--size", "--socket", "--seed"]);
    expect(completed(folder, ["replay", "--t"])).toEqual(["--timeout"]);
    expect(completed(folder, ["help", "do"])).toEqual(["doctor"]);
  });

  test("the runtimes of the user can be taken out by name", async () => {
    const folder = newFolder();
    const [entry] = listRuntimes();
    const own = { ...entry?.entry, name: undefined };
    makeTree(folder, {
      "zerovm/runtimes.json": JSON.stringify({ format: 1, runtimes: { mine: own } }),
    });
    vi.stubEnv("XDG_CONFIG_HOME", folder);
    const script = await scriptOf("bash");
    vi.unstubAllEnvs();
    writeFileSync(join(folder, "script"), script);
    expect(completed(folder, ["runtime", "rm", ""])).toEqual(["mine"]);
  });

  test.each([[["completion"]], [["completion", "tcsh"]], [["completion", "bash", "zsh"]]])(
    "%j is refused",
    async (argv) => {
      const { status, stderr } = await captured(argv);
      expect([status, stderr]).toEqual([
        125,
        "zerovm completion: name one shell of bash, zsh, fish\n",
      ]);
    },
  );
});
