import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { ZEROVM, zerovm } from "../../../test/support/command-line.ts";
import { freePort } from "../../../test/support/free-ports.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";

const newFolder = temporaryFolders();

it.each(["6300", "10.0.0.5", "10.0.0.5:70000", "fd00::5:6300", "[fd00::5]", ":"])(
  "says of --wires %s what it should be",
  async (wires) => {
    const cwd = newFolder();
    const flags = ["--socket", join(cwd, "socket"), "--wires", wires];
    const { status, stderr } = await zerovm(["swift", "worker", ...flags], { cwd });
    expect(status).toBe(125);
    expect(stderr).toContain(`--wires ${wires} is no HOST:PORT, as in 10.0.0.5:6300`);
  },
);

it("says which address of --wires cannot be had", async () => {
  const cwd = newFolder();
  const flags = ["--socket", join(cwd, "socket"), "--wires", "192.0.2.1:6300"];
  const { status, stderr } = await zerovm(["swift", "worker", ...flags], { cwd });
  expect(status).toBe(125);
  expect(stderr).toMatch(/--wires .*EADDRNOTAVAIL.*192\.0\.2\.1:6300/);
});

it("listens for wires at the port that it was told, and lets it go", async () => {
  const cwd = newFolder();
  const port = await freePort();
  const flags = ["--socket", join(cwd, "socket"), "--wires", `127.0.0.1:${port}`];
  const worker = spawn(process.execPath, [ZEROVM, "swift", "worker", ...flags], { cwd });
  const said = text(worker.stderr);
  await once(worker.stdout, "data");
  const caller = connect(port, "127.0.0.1");
  await once(caller, "connect");
  worker.kill("SIGTERM");
  await once(caller, "close");
  const [status] = await once(worker, "close");
  expect([status, await said]).toEqual([0, ""]);
});
