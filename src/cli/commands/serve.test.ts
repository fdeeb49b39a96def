import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ServedCloud } from "../../../test/support/served-cloud.ts";
import { Shell } from "../../../test/support/shell.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";

const newFolder = temporaryFolders();
let cloud: ServedCloud;

beforeAll(async () => {
  cloud = await ServedCloud.start();
});
afterAll(async () => {
  await cloud.stop();
});

test("an address that is taken ends the command, and nothing of it stays", async () => {
  const { port } = new URL(cloud.url);
  const shell = new Shell(newFolder());
  const { status, stderr } = await shell.run(`zerovm serve --data d --port ${port}`);
  expect(status).toBe(125);
  expect(stderr).toContain(`127.0.0.1:${port}`);
  expect(existsSync(join(shell.folder, "d"))).toBe(false);
  const again = `zerovm serve --data ${cloud.folder} --port ${port}`;
  expect((await shell.run(again)).stderr).toContain("Another process has the store");
});

test("errors of the accounts file are shown once each", async () => {
  const shell = new Shell(newFolder());
  const { status, stderr } = await shell.run(
    "printf '[tempauth]\\nuser_demo = k\\nuser_a_b = k .foo\\n' > accounts.ini\n" +
      "zerovm serve --data d --auth accounts.ini --port 0",
  );
  expect(status).toBe(125);
  expect(stderr).toMatch(
    /^zerovm: .*accounts\.ini:2:1: error: The setting .*\n {2}3:1: error: .*\n$/,
  );
});

test("a folder that cannot be made ends the command", async () => {
  const shell = new Shell(newFolder());
  const { status, stderr } = await shell.run("zerovm serve --data /proc/none/deep --port 0");
  expect(status).toBe(125);
  expect(stderr).toContain("Cannot make the folder /proc/none/deep");
});
