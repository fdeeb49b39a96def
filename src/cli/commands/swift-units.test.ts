/** The units for systemd, which stand beside the filters, start what this command has. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { ROOT, ZEROVM, zerovmOutput } from "../../../test/support/command-line.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { CONFIG_KEYS } from "../../zerocloud/config/index.ts";

const newFolder = temporaryFolders();
const ANALYZE = "/usr/bin/systemd-analyze";

/** The settings of a unit, where a line that ends in `\` goes on. */
function settingsOf(text: string): ReadonlyMap<string, string> {
  const lines = text.replace(/\\\n\s*/g, "").split("\n");
  const pairs = lines.flatMap((line) => {
    const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    return key === undefined || value === undefined ? [] : [[key, value] as const];
  });
  return new Map(pairs);
}

describe.each(["worker", "coordinator"])("the unit of a %s", (verb) => {
  const path = join(ROOT, "swift", "systemd", `zerocloud-${verb}.service`);
  const unit = readFileSync(path, "utf8");
  const settings = settingsOf(unit);
  const [program, ...words] = settings.get("ExecStart")?.split(" ") ?? [];

  it("has a command with flags that its help has", async () => {
    expect([program, ...words.slice(0, 2)]).toEqual(["/usr/bin/zerovm", "swift", verb]);
    expect(words.at(-1)).toBe("$FLAGS");
    const help = await zerovmOutput(["swift", verb, "--help"], { cwd: ROOT });
    const flags = words.filter((word) => word.startsWith("--"));
    expect(flags).toContain("--socket");
    for (const flag of flags) expect(help).toMatch(new RegExp(`^ +(-\\w, )?${flag} `, "m"));
  });

  it("has its files where the unit lets it, and ends in time", () => {
    const [runtime, state] = ["RuntimeDirectory", "StateDirectory"].map((it) => settings.get(it));
    const paths = words.filter((word) => word.startsWith("/"));
    const allowed = [`/run/${runtime}/`, `/var/lib/${state}`, "/etc/zerocloud/secret"];
    expect(paths.filter((one) => !allowed.some((place) => one.startsWith(place)))).toEqual([]);
    const graceSeconds = CONFIG_KEYS["limits.graceSeconds"].standard;
    expect(Number(settings.get("TimeoutStopSec"))).toBeGreaterThan(graceSeconds);
    expect(settings.get("KillMode")).toBe("mixed");
  });

  it("starts what it says, which ends in order at its signal", async () => {
    const folder = newFolder();
    const secret = join(folder, "secret");
    writeFileSync(secret, "0123456789abcdef".repeat(4));
    const placed = words.slice(0, -1).map((word) => {
      if (word.startsWith("/etc/")) return secret;
      return word.replace(/^\/(?:run|var\/lib)\/zerocloud\/\w+/, folder);
    });
    const child = spawn(process.execPath, [ZEROVM, ...placed], { cwd: folder });
    const said = text(child.stderr);
    const [first] = await Promise.race([once(child.stdout, "data"), once(child, "close")]);
    expect(String(first)).toBe(`The ${verb} listens at ${join(folder, "socket")}\n`);
    child.kill(settings.get("KillSignal") as NodeJS.Signals);
    const [status] = await once(child, "close");
    expect([status, await said]).toEqual([0, ""]);
  });

  // Only systems with systemd can judge a unit.
  it.skipIf(!existsSync(ANALYZE))("is one for systemd", () => {
    const units = join(newFolder(), "units");
    mkdirSync(units);
    const copy = join(units, `zerocloud-${verb}.service`);
    writeFileSync(copy, unit.replace("/usr/bin/zerovm", process.execPath));
    const { stdout, stderr } = spawnSync(ANALYZE, ["verify", "--man=no", copy], {
      encoding: "utf8",
    });
    // Of other units of the system it speaks as well.
    const own = `${stdout}${stderr}`.split("\n").filter((line) => line.includes("zerocloud"));
    expect(own).toEqual([]);
  });
});
