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
});

test("a folder that cannot be made ends the command", async () => {
  const shell = new Shell(newFolder());
  const { status, stderr } = await shell.run("zerovm serve --data /proc/none/deep --port 0");
  expect(status).toBe(125);
  expect(stderr).toContain("Cannot make the folder /proc/none/deep");
});
