import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { craftedTar } from "../../../test/support/crafted-tar.ts";
import { textOf } from "../../../test/support/fresh-store.ts";
import { COPYING_GUEST, showingGuest } from "../../../test/support/guests.ts";
import { JobServer } from "../../../test/support/job-server.ts";

/** Lines of the book's list 9.3: what programs read, and beside which object they run. */

const folder = mkdtempSync(join(tmpdir(), "zerovm-test-"));
let server: JobServer;

/** More than the 64 KiB that a request is read by. */
const LARGE = "0123456789abcdef".repeat(20_000);

beforeAll(async () => {
  const tools = join(folder, "tools.tar");
  writeFileSync(tools, craftedTar([{ name: "etc/system", contents: "of the system" }]));
  server = await JobServer.start({ systemImages: new Map([["tools", tools]]) });
  const image = craftedTar([
    { name: "etc/text", contents: "of the image" },
    { name: "etc/large", contents: LARGE },
  ]);
  await server.put("image.tar", image, "application/x-tar");
  await server.put("image.tgz", gzipSync(image), "application/x-gzip");
  await server.put("in", "data");
  await server.put("code", "the code");
  await server.put("cat", COPYING_GUEST);
  for (const path of ["etc/text", "etc/large", "etc/system", "dev/nvram", "dev/script"]) {
    await server.put(`show ${path}`, showingGuest(path));
  }
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const c = (object: string) => `swift://~/c/${object}`;
const STDOUT = { name: "stdout" };

describe("an image that is an object", () => {
  test.each([
    ["use image", "image.tar", "etc/text", "of the image"],
    ["use gzipped image", "image.tgz", "etc/text", "of the image"],
    ["use large image", "image.tar", "etc/large", LARGE],
  ])("%s: %s is mounted at the root", async (_line, object, path, text) => {
    const devices = [{ name: "image", path: c(object) }, STDOUT];
    const answer = await server.run([{ program: `c/show ${path}`, devices }]);
    expect(answer.status).toBe(200);
    expect(answer.body === text).toBe(true);
  });

  test("use image: it lies above a system image, whose other files stay", async () => {
    const devices = [{ name: "image", path: c("image.tar") }, { name: "tools" }, STDOUT];
    const groups = ["etc/text", "etc/system"].map((path, index) => ({
      name: `n${index}`,
      program: `c/show ${path}`,
      devices,
    }));
    expect((await server.run(groups)).body).toBe("of the imageof the system");
  });
});

describe("node attach", () => {
  const stdin = { name: "stdin", path: c("in") };
  const image = { name: "image", path: c("image.tar") };

  /** What a program is told of the object beside which it runs. */
  async function besideWhat(attach: string, stdout: object = STDOUT): Promise<readonly string[]> {
    const devices = [stdin, image, { ...stdout }];
    const answer = await server.run([{ program: "c/show dev/nvram", devices, more: { attach } }]);
    expect(answer.status).toBe(200);
    const told = "path" in stdout ? await textOf(server.http.fresh.store, "out") : answer.body;
    return told.match(/(?<=name=)LOCAL_(?:PATH_INFO|DOCUMENT_ROOT), value=.*/g) ?? [];
  }

  test.each([
    ["default", "in", "stdin"],
    ["stdin", "in", "stdin"],
    ["image", "image.tar", "image"],
  ])("%s: the node runs beside %s", async (attach, object, device) => {
    expect([...(await besideWhat(attach))].sort()).toEqual([
      `LOCAL_DOCUMENT_ROOT, value=/dev/${device}`,
      `LOCAL_PATH_INFO, value=/a/c/${object}`,
    ]);
  });

  test("pathless stdout: the node runs beside nothing", async () => {
    expect(await besideWhat("stdout")).toEqual([]);
  });

  test("stored stdout: the node runs beside what it writes", async () => {
    const told = await besideWhat("stdout", { name: "stdout", path: c("out") });
    expect([...told].sort()).toEqual([
      "LOCAL_DOCUMENT_ROOT, value=/dev/stdout",
      "LOCAL_PATH_INFO, value=/a/c/out",
    ]);
  });
});

describe("sysimage with script device", () => {
  const script = { name: "script", path: c("code") };

  test("the script is read, and the image is there", async () => {
    const devices = [script, { name: "tools" }, STDOUT];
    const groups = ["dev/script", "etc/system"].map((path, index) => ({
      name: `n${index}`,
      program: `c/show ${path}`,
      devices,
    }));
    expect((await server.run(groups)).body).toBe("the codeof the system");
  });

  test("the script is pushed, not local: the node runs beside its input", async () => {
    const devices = [{ name: "stdin", path: c("in") }, script, { name: "tools" }, STDOUT];
    const { body } = await server.run([{ program: "c/show dev/nvram", devices }]);
    expect(body).toContain("LOCAL_PATH_INFO, value=/a/c/in");
    expect(body).toContain("channel=/dev/tools, mountpoint=/, access=ro\n");
  });
});

describe("container query", () => {
  test("a container as input is the text of its listing", async () => {
    await server.http.send("PUT", "/v1/a/listed");
    await server.http.send("PUT", "/v1/a/listed/b", { body: "22" });
    await server.http.send("PUT", "/v1/a/listed/a/x", { body: "1" });
    const devices = [{ name: "stdin", path: "swift://~/listed" }, STDOUT];
    const { body } = await server.run([{ program: "c/cat", devices }]);
    const lines = body.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { name: "a/x", bytes: 1, hash: "c4ca4238a0b923820dcc509a6f75849b" },
      { name: "b", bytes: 2, hash: "b6d767d2f8ed5d21a44b0e5886680cb9" },
    ]);
  });

  test("container wildcard: a node for each container", async () => {
    for (const container of ["q1", "q2"]) {
      await server.http.send("PUT", `/v1/a/${container}`);
      await server.http.send("PUT", `/v1/a/${container}/of-${container}`, { body: "" });
    }
    const devices = [{ name: "stdin", path: "swift://~/q*" }, STDOUT];
    const answer = await server.run([{ program: "c/cat", devices }]);
    expect(answer.headers["x-nexe-system"]).toBe("n-1,n-2");
    expect(answer.body.match(/of-q\d/g)).toEqual(["of-q1", "of-q2"]);
  });
});
