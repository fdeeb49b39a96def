import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { craftedTar } from "../../test/support/crafted-tar.ts";
import { COPYING_GUEST, showingGuest, writingGuest } from "../../test/support/guests.ts";
import { group, putFiles } from "../../test/support/job-folder.ts";
import { runGroups, traceHashOf } from "../../test/support/job-runs.ts";
import { openDescriptors, openedSince } from "../../test/support/sessions.ts";
import { temporaryFolders } from "../../test/support/temporary-folder.ts";
import { byteStringOf } from "../base/index.ts";

const newFolder = temporaryFolders();

function storeWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = newFolder();
  putFiles(folder, { "bin/cat": COPYING_GUEST, "bin/hello": writingGuest("hello"), ...files });
  return folder;
}

const showing = (path: string) => ({ "bin/show": showingGuest(path) });

describe("a job over folders", () => {
  test("says hello", async () => {
    const instances = await runGroups(storeWith({}), [group({ program: "bin/hello" })]);
    expect(instances).toMatchObject([
      {
        name: "n",
        state: "ran",
        status: 200,
        statusText: "ok.",
        exitCode: 0,
        validation: 0,
        bodies: ["hello"],
        etags: [{ device: "stdout", hex: "5d41402abc4b2a76b9719d911017c592" }],
        responses: [{ device: "stdout", contentType: "text/html" }],
      },
    ]);
  });

  test("gives each match of a wildcard a node, and stores what it writes", async () => {
    const files = { "in/a.txt": "aaa", "in/b.txt": "bb", "in/d/c.txt": "c", "out/x": "" };
    const folder = storeWith(files);
    const devices = [
      { name: "stdin", path: "swift://~/in/*.txt" },
      { name: "stdout", path: "swift://~/out/*.copy" },
    ];
    const instances = await runGroups(folder, [group({ program: "bin/cat", devices })]);
    expect(instances.map(({ name, state, bodies }) => [name, state, bodies])).toEqual([
      ["n-1", "ran", []],
      ["n-2", "ran", []],
      ["n-3", "ran", []],
    ]);
    const copies = ["a", "b", "d/c"].map((name) =>
      readFileSync(join(folder, "out", `${name}.copy`), "utf8"),
    );
    expect(copies).toEqual(["aaa", "bb", "c"]);
  });

  test("reads an object on several devices, and a script", async () => {
    const folder = storeWith({ "in/a": "twice", ...showing("dev/script") });
    const both = [
      { name: "stdin", path: "swift://~/in/a" },
      { name: "script", path: "swift://~/in/a" },
      { name: "stdout" },
    ];
    const instances = await runGroups(folder, [
      group({ name: "one", program: "bin/cat", devices: both }),
      group({ name: "two", program: "bin/show", devices: both }),
    ]);
    expect(instances.map(({ bodies }) => bodies)).toEqual([["twice"], ["twice"]]);
  });

  test("gives the data of the request to every node that asks for it, and else nothing", async () => {
    const folder = storeWith({ "data/body": "posted" });
    const devices = [{ name: "stdin" }, { name: "stdout" }];
    const groups = ["a", "b"].map((name) => group({ name, program: "bin/cat", devices }));
    const fd = openSync(join(folder, "data/body"), "r");
    const body = { fd, startBytes: 0, sizeBytes: 6, isWholeFile: true };
    const given = await runGroups(folder, groups, { body });
    expect(given.map(({ bodies }) => bodies)).toEqual([["posted"], ["posted"]]);
    const without = await runGroups(folder, groups);
    expect(without.map(({ bodies }) => bodies)).toEqual([[""], [""]]);
    closeSync(fd);
  });

  test("tells a node of its object, its arguments and its variables", async () => {
    const folder = storeWith({ "in/a": "12 bytes....", ...showing("dev/nvram") });
    const devices = [
      { name: "input", path: "swift://~/in/a" },
      { name: "stdout", mode: "pipe" },
    ];
    const wanted = { program: "bin/show", devices, args: "-l x", env: { LANG: "C,UTF" } };
    const [instance] = await runGroups(folder, [group({ ...wanted })]);
    const lines = instance?.bodies[0]?.split("\n") ?? [];
    expect(lines).toEqual(
      expect.arrayContaining([
        "args=n -l x",
        "name=LOCAL_CONTENT_LENGTH, value=12",
        "name=LOCAL_OBJECT, value=on",
        "name=LOCAL_PATH_INFO, value=/~/in/a",
        "name=LOCAL_DOCUMENT_ROOT, value=/dev/input",
        "name=LANG, value=C\\x2cUTF",
        "name=SCRIPT_NAME, value=n",
        "name=SCRIPT_FILENAME, value=swift://~/bin/show",
        "channel=/dev/input, mode=file",
        "channel=/dev/stdout, mode=pipe",
      ]),
    );
  });

  test("reads the listing of a container that it is attached to", async () => {
    const folder = storeWith({ "in/b": "22", "in/a/x": "1", ...showing("dev/input") });
    const devices = [{ name: "input", path: "swift://~/in" }, { name: "stdout" }];
    const [instance] = await runGroups(folder, [group({ program: "bin/show", devices })]);
    expect(instance?.bodies[0]).toBe(
      '{"name":"a/x","bytes":1,"hash":"","content_type":"application/octet-stream"}\n' +
        '{"name":"b","bytes":2,"hash":"","content_type":"application/octet-stream"}\n',
    );
  });

  test("stores some outputs and answers with others, but for those that are too short", async () => {
    const folder = storeWith({ "out/x": "", "bin/err": writingGuest("note", 2) });
    const stored = { path: "swift://~/out/o" };
    const devices = [{ name: "stdout", ...stored }, { name: "stderr" }];
    const few = [
      { name: "stdout", path: "swift://~/out/few", min_size: 1 },
      { name: "stderr", min_size: 5 },
    ];
    const instances = await runGroups(folder, [
      group({ name: "both", program: "bin/err", devices }),
      group({ name: "few", program: "bin/err", devices: few }),
    ]);
    expect(instances).toMatchObject([
      { bodies: ["note"], stored: [{ device: "stdout", sizeBytes: 0 }] },
      { bodies: [], stored: [] },
    ]);
    expect(readFileSync(join(folder, "out/o"), "utf8")).toBe("");
    expect(existsSync(join(folder, "out/few"))).toBe(false);
  });

  test("takes what a program says in front of its output", async () => {
    const head =
      "Status: 201 Created\r\nContent-Type: text/x\r\nX-Own: 1\r\nX-Nexe-System: no\r\n\r\n";
    const folder = storeWith({ "bin/cgi": writingGuest(`${head}body`) });
    const devices = [{ name: "stdout", content_type: "message/cgi" }];
    const [instance] = await runGroups(folder, [group({ program: "bin/cgi", devices })]);
    expect(instance).toMatchObject({
      status: 201,
      bodies: ["body"],
      responses: [{ contentType: "text/x", status: 201, headers: [["X-Own", "1"]] }],
    });
  });

  test("the same job leaves the same bytes and the same trace hashes, and nothing open", async () => {
    const folder = storeWith({ "in/a.txt": "aaa", "in/b.txt": "bb" });
    const devices = [{ name: "stdin", path: "swift://~/in/*" }, { name: "stdout" }];
    const before = openDescriptors();
    const runs = [];
    for (let run = 0; run < 2; run += 1) {
      const instances = await runGroups(folder, [group({ program: "bin/cat", devices })]);
      runs.push(instances.map((one) => [one.bodies, one.etags, traceHashOf(one)]));
    }
    expect(runs[0]).toEqual(runs[1]);
    await expect.poll(() => openedSince(before)).toEqual([]);
  });

  test("copies that agree are one result", async () => {
    const folder = storeWith({ "out/x": "" });
    const devices = [{ name: "stdout", path: "swift://~/out/o" }];
    const more = { replicate: 2 };
    const instances = await runGroups(folder, [group({ program: "bin/hello", devices, more })]);
    expect(instances).toMatchObject([
      { id: 1, state: "ran", status: 200, stored: [{ sizeBytes: 5 }] },
      { id: 2, state: "ran", status: 200, stored: [] },
    ]);
  });
});

describe("images of a job", () => {
  const contents = byteStringOf(writingGuest("from an image"));
  const tar = craftedTar([
    { name: "bin/say", contents },
    { name: "bin/link", type: "2", link: "say" },
    { name: "etc/note", contents: "a note" },
  ]);

  test("a program is a file of a system image, of the posted image, or of an object", async () => {
    const folder = storeWith({ "sys/tools.tar": gzipSync(tar), "img/i.tar": tar });
    const options = {
      systemImages: new Map([["tools", join(folder, "sys/tools.tar")]]),
      postedImage: join(folder, "img/i.tar"),
    };
    const groups = [
      group({ name: "a", program: "file://tools:bin/say" }),
      group({ name: "b", program: "file://image:/bin/link" }),
    ];
    const instances = await runGroups(folder, groups, options);
    expect(instances.map(({ bodies }) => bodies)).toEqual([["from an image"], ["from an image"]]);
    const devices = [{ name: "image", path: "swift://~/img/i.tar" }, { name: "stdout" }];
    const [own] = await runGroups(folder, [group({ program: "file://image:bin/say", devices })]);
    expect(own?.bodies).toEqual(["from an image"]);
  });

  test("images are mounted over each other at the root", async () => {
    const over = craftedTar([{ name: "etc/note", contents: "the upper" }]);
    const folder = storeWith({ "sys/low.tar": tar, "img/i": over, ...showing("etc/note") });
    const systemImages = new Map([["low", join(folder, "sys/low.tar")]]);
    const low = [{ name: "low" }, { name: "stdout" }];
    const both = [{ name: "image", path: "swift://~/img/i" }, ...low];
    const instances = await runGroups(
      folder,
      [
        group({ name: "a", program: "bin/show", devices: low }),
        group({ name: "b", program: "bin/show", devices: both }),
      ],
      { systemImages },
    );
    expect(instances.map(({ bodies }) => bodies)).toEqual([["a note"], ["the upper"]]);
  });

  test("what is no image, or holds no such program, is refused", async () => {
    const folder = storeWith({ "img/i": "no tar at all, but long enough", "img/t": tar });
    const devices = (object: string) => [{ name: "image", path: `swift://~/img/${object}` }];
    const run = async (object: string) =>
      await runGroups(folder, [
        group({ program: "file://image:bin/none", devices: devices(object) }),
      ]);
    expect(await run("i")).toMatchObject([{ state: "refused", status: 422 }]);
    expect(await run("t")).toMatchObject([
      {
        state: "refused",
        status: 400,
        bodies: [
          "No executable found in request: file://image:bin/none is in the image of the job, " +
            "which has no such file",
        ],
      },
    ]);
  });
});
