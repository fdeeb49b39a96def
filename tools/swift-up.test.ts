import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { temporaryFolders } from "../test/support/temporary-folder.ts";
import { main } from "./swift-up.ts";

const newFolder = temporaryFolders();
const URL = "http://127.0.0.1:9/";
const said: string[] = [];
let place: string;
let written: string;

/** A cluster that is up: all that is known of it is in one file. */
beforeEach(() => {
  place = newFolder();
  vi.stubEnv("TMPDIR", place);
  vi.stubEnv("INIT_CWD", place);
  vi.spyOn(console, "log").mockImplementation((text) => void said.push(String(text)));
  said.length = 0;
  mkdirSync(join(place, "zerovm-swift"));
  written = join(place, "zerovm-swift", "cluster.json");
  const flags = { plain: false, "without-jobs": false, coded: true, encrypted: false };
  const cluster = { url: URL, servers: [], flags: { ...flags, config: "jobs: { nodes: 7 }\n" } };
  writeFileSync(written, JSON.stringify(cluster));
  writeFileSync(join(place, "same.yaml"), "jobs: { nodes: 7 }\n");
  writeFileSync(join(place, "other.yaml"), "jobs: { nodes: 8 }\n");
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

it.each([
  [["--config", "other.yaml"], "the FILE of --config"],
  [["--encrypted", "--coded"], "--encrypted"],
  [["--plain", "--config", "other.yaml"], "--plain, the FILE of --config"],
])("refuses %j where a cluster is up that has it not", async (flags, named) => {
  const before = readFileSync(written);
  await expect(main(flags)).rejects.toThrow(
    `A cluster is up that was started without ${named}, and nothing of it was changed: ` +
      "end it by 'npm run swift:down', which removes its objects, and start it again",
  );
  expect(readFileSync(written)).toEqual(before);
  expect(said).toEqual([]);
});

it.each([[[]], [["--coded", "--config", "same.yaml"]]])(
  "tells with %j of the cluster that is up",
  async (flags) => {
    expect(await main(flags)).toBe(0);
    expect(said.join("\n")).toContain(`The cluster is up already.\n\nSign in at  ${URL}/auth/v1.0`);
  },
);
