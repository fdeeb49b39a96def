import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeTree, temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { parseNvram } from "../../zrt/index.ts";
import { parseManifest } from "../manifest/index.ts";
import { buildPlan, type Plan } from "./build-plan.ts";
import type { SessionOptions } from "./options.ts";
import { savePlan } from "./save.ts";

const newFolder = temporaryFolders();

function plan(options: Partial<SessionOptions>): Plan {
  const program = { path: "/p.wasm", takesScript: false, args: ["p"], env: {}, images: [] };
  return buildPlan({ program: "/p.wasm", ...options }, program);
}

describe("savePlan", () => {
  test("what was written gives the same session back", () => {
    const folder = join(newFolder(), "deep/er");
    const given = plan({
      args: ["-c", 'print("a, b; c = d: #\n")', ""],
      env: { A: "x, y" },
      read: [{ path: "/data/in.csv" }],
      write: [{ path: "/data/out.csv" }],
      images: [{ path: "/data/root.tar", mountpoint: "/m", mode: "ro" }],
      clock: "real",
      seed: "real",
      limits: { "open-files": 12 },
      channels: ["tcp:[::1]:5000,/dev/net,0,0,0,0,9,9"],
      node: 3,
      nameServer: "udp:127.0.0.1:54321",
      keyFile: "/data/job.key",
    });
    const saved = savePlan(given, folder);
    expect(saved.path).toBe(join(folder, "session.manifest"));
    expect(readdirSync(folder).sort()).toEqual(["nvram.txt", "session.manifest"]);
    const { manifest, findings } = parseManifest(readFileSync(saved.path));
    expect(findings).toEqual([]);
    expect(manifest).toMatchObject({
      node: 3,
      key: "/data/job.key",
      nameServer: { protocol: "udp", host: { address: "127.0.0.1" }, port: 54321 },
    });
    const channels = manifest?.channels.map(({ line: _line, columns: _columns, ...it }) => it);
    expect(channels).toEqual(saved.plan.manifest.channels);
    expect(channels?.slice(0, -1)).toEqual(given.manifest.channels);
    expect(channels?.at(-1)).toMatchObject({
      alias: "/dev/nvram",
      sources: [{ kind: "path", path: join(folder, "nvram.txt") }],
    });
    const { config, diagnostics } = parseNvram(readFileSync(join(folder, "nvram.txt")));
    expect(diagnostics).toEqual([]);
    expect(config).toEqual(given.config);
  });

  test.each([",", ";", ":", "="])("a path with %s is refused by name", (sign) => {
    const folder = newFolder();
    const path = `/data/a${sign}b`;
    const save = () => savePlan(plan({ read: [{ path, alias: "x" }] }), folder);
    expect(save).toThrow(expect.objectContaining({ code: "ZVM_MANIFEST_UNWRITABLE" }));
    expect(save).toThrow(`"${path}": it has the character ${sign}`);
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    ["arguments", { args: ["x".repeat(10_240)] }],
    ["environment", { env: { A: "x".repeat(5000), B: "x".repeat(5300) } }],
  ])("%s that are too long for an nvram are refused", (_, options) => {
    const folder = join(newFolder(), "new");
    const save = () => savePlan(plan(options), folder);
    expect(save).toThrow(expect.objectContaining({ code: "ZVM_MANIFEST_UNWRITABLE" }));
    expect(save).toThrow(
      /^Cannot save the session: An nvram text cannot hold the arguments, environment and mounts: they take 10\d+ bytes, and it has room for 10240; .* @FILE or -r$/,
    );
    expect(existsSync(folder)).toBe(false);
  });

  test("arguments that just fit are written", () => {
    const folder = newFolder();
    const overhead = "[args]\nargs=p \n".length;
    savePlan(plan({ args: ["x".repeat(10_240 - overhead)] }), folder);
    const text = readFileSync(join(folder, "nvram.txt"), "utf8");
    expect(text.length).toBe(10_240);
    expect(() => savePlan(plan({ args: ["x".repeat(10_241 - overhead)] }), folder)).toThrow(
      "10241",
    );
    expect(readFileSync(join(folder, "nvram.txt"), "utf8")).toBe(text);
  });

  test("so is the folder that it is saved to", () => {
    const folder = newFolder();
    expect(() => savePlan(plan({}), join(folder, "a,b"))).toThrow("it has the character ,");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("granted folders cannot be written down", () => {
    const folder = newFolder();
    const given = plan({ folders: [{ host: "src", mode: "ro" }] });
    expect(() => savePlan(given, folder)).toThrow(
      "A manifest cannot hold the folder src: pack it with 'zerovm image build' and grant it " +
        "with --image",
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a place that cannot be written is named", () => {
    const folder = newFolder();
    makeTree(folder, { file: "" });
    expect(() => savePlan(plan({}), join(folder, "file/x"))).toThrow(
      `Cannot save the session in ${folder}/file/x: not a directory`,
    );
  });
});
