import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT, ZEROVM } from "../support/command-line.ts";
import { freePort } from "../support/free-ports.ts";
import { temporaryFolders } from "../support/temporary-folder.ts";

const newFolder = temporaryFolders();

/** Fifty commands, one after another: more than a test has on a busy machine. */
const WAITS = { timeout: 300_000 };

/** What a reader types, and sees. */
interface ShownStep {
  readonly command: string;
  readonly output: string[];
}

/** Steps of the `console` blocks of a page: `$` begins a command, `>` goes on with it. */
function stepsOf(page: string): ShownStep[] {
  const steps: { command: string; output: string[] }[] = [];
  for (const [, block = ""] of page.matchAll(/^```console\n(.*?)^```$/gms)) {
    for (const line of block.trimEnd().split("\n")) {
      const last = steps.at(-1);
      if (line.startsWith("$ ")) steps.push({ command: line.slice(2), output: [] });
      else if (/^> ?/.test(line) && last?.output.length === 0) last.command += `\n${line.slice(2)}`;
      else last?.output.push(line);
    }
  }
  return steps;
}

/** Anything may stand for `…`. */
function isShown(shown: string, printed: string): boolean {
  const parts = shown.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(printed);
}

/** One shell for all commands, as a reader has it. */
class Reader {
  readonly #shell;
  #seen = "";

  constructor(folder: string, env: Readonly<Record<string, string>>) {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    mkdirSync(join(folder, "work"));
    symlinkSync(ZEROVM, join(bin, "zerovm"));
    const { PATH = "" } = process.env;
    this.#shell = spawn("bash", [], {
      cwd: join(folder, "work"),
      env: { ...process.env, PATH: bin + delimiter + PATH, ...env },
    });
    this.#shell.stderr.on("data", (bytes: Buffer) => {
      this.#seen += bytes.toString();
    });
    this.#shell.stdout.on("data", (bytes: Buffer) => {
      this.#seen += bytes.toString();
    });
  }

  /** @returns the lines that a command printed, on both streams */
  async type(command: string): Promise<string[]> {
    this.#seen = "";
    this.#shell.stdin.write(`${command}\nprintf '\\nSTATUS %d\\n' $?\n`);
    await expect.poll(() => this.#seen, { timeout: 60_000 }).toMatch(/\nSTATUS \d+\n/);
    const [text = "", status] = this.#seen.split(/\nSTATUS (\d+)\n/);
    expect({ command, status, text }).toMatchObject({ status: "0" });
    return text === "" ? [] : text.replace(/\n$/, "").split("\n");
  }

  end(): void {
    this.#shell.stdin.end("kill %1 2> /dev/null\n");
  }
}

describe("docs/guide/zerocloud.md", () => {
  const page = readFileSync(join(ROOT, "docs/guide/zerocloud.md"), "utf8");

  const hasCurl = spawnSync("curl", ["--version"]).status === 0;

  // The guide says that its reader needs curl. Nothing may stand in for it: what is tested is that
  // these very lines work.
  test.skipIf(!hasCurl)("does what it shows, from its first line to its last", WAITS, async () => {
    const folder = newFolder();
    const port = String(await freePort());
    const config = join(folder, "config");
    const reader = new Reader(folder, { ZEROVM_SERVE_PORT: port, XDG_CONFIG_HOME: config });
    try {
      for (const { command, output } of stepsOf(page.replaceAll("8080", port))) {
        const printed = await reader.type(command);
        const isSame =
          printed.length === output.length &&
          output.every((line, at) => isShown(line, printed[at] ?? ""));
        if (!isSame) expect({ command, printed }).toEqual({ command, printed: output });
      }
    } finally {
      reader.end();
    }
  });
});
