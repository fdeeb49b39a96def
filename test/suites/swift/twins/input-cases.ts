import { gzipSync } from "node:zlib";
import { byteStringOf } from "../../../../src/base/index.ts";
import { craftedTar } from "../../../support/crafted-tar.ts";
import { showingGuest, writingGuest } from "../../../support/guests.ts";
import { at, type Case, cases, groupOf, jobOf, post, read, run, STDIN, STDOUT } from "./jobs.ts";
import type { Side } from "./side.ts";

/** More than a request is read by, and than a block of a part. */
const LARGE = "0123456789abcdef".repeat(130_000);

/** What a program is told: by its environment and of its devices. */
const ENV = { ONE: "1", LIST: "a,b", EMPTY: "", UMLAUT: "ä" };

async function stored(side: Side, name: string, body: string | Uint8Array, type = "text/plain") {
  await side.container(name.split("/")[0] ?? "");
  const headers = { "Content-Type": type, "X-Object-Meta-Key": "value" };
  await side.put(encodeURI(name), body, { headers });
}

/** What programs read, and beside which object they run. */
export const INPUT_CASES: readonly Case[] = cases({
  "an object as input": async (side) => {
    await stored(side, "c/in", "data");
    const devices = [{ name: "stdin", path: at(side, "c/in") }, STDOUT];
    await run(side, 200, [{ program: "cat", devices }]);
    // Ranges and conditions of a request are not for what its job reads.
    const headers = {
      Range: "bytes=0-1",
      "If-None-Match": "*",
      "If-Modified-Since": "Mon, 01 Jan 2035 00:00:00 GMT",
      "X-Zerovm-Daemon": "/etc/passwd",
      "X-Nexe-Colocated": "1",
    };
    await run(side, 200, [{ program: "cat", devices }], { headers });
  },
  "large objects, empty ones, and both of several nodes": async (side) => {
    await stored(side, "c/large", LARGE);
    await stored(side, "c/empty", "");
    for (const name of ["c/large", "c/empty"]) {
      const devices = [{ name: "stdin", path: at(side, name) }, STDOUT];
      await run(side, 200, [{ program: "cat", devices }]);
      const storing = [
        { name: "stdin", path: at(side, name) },
        { name: "stdout", path: at(side, "c/copy") },
      ];
      await run(side, 200, [{ program: "case", devices: storing }]);
      await read(side, "c/copy");
    }
  },
  "an object of segments": async (side) => {
    await stored(side, "c/s1", "abcd");
    await stored(side, "c/s2", "efgh");
    const manifest = JSON.stringify(
      ["s1", "s2"].map((one) => ({ path: `/${side.name("c")}/${one}` })),
    );
    const big = `/v1/AUTH_test/${side.name("c")}/big`;
    await side.send("PUT", `${big}?multipart-manifest=put`, { body: manifest });
    const dynamic = { "X-Object-Manifest": `${side.name("c")}/s` };
    await side.put("c/dynamic", "", { headers: dynamic });
    for (const name of ["c/big", "c/dynamic"]) {
      const devices = [{ name: "stdin", path: at(side, name) }, STDOUT];
      await run(side, 200, [{ program: "cat", devices }]);
    }
  },
  "several channels, also of one object": async (side) => {
    await stored(side, "c/in", "data");
    const path = at(side, "c/in");
    const names = ["input", "script", "stdin"];
    const devices = [...names.map((name) => ({ name, path })), STDOUT];
    for (const program of ["cat", "show-script-device"]) {
      await run(side, 200, [{ program, devices }]);
    }
  },
  "an image that is an object, plain, packed, and above a system image": async (side) => {
    const image = craftedTar([
      { name: "etc/text", contents: "of the image" },
      { name: "etc/large", contents: LARGE },
    ]);
    await stored(side, "c/image.tar", image, "application/x-tar");
    await stored(side, "c/image.tgz", gzipSync(image), "application/x-gzip");
    await stored(side, "c/show-large", showingGuest("etc/large"));
    await stored(side, "c/show-system", showingGuest("etc/system"));
    for (const object of ["c/image.tar", "c/image.tgz"]) {
      const devices = [{ name: "image", path: at(side, object) }, { name: "tools" }, STDOUT];
      for (const program of ["show-text", at(side, "c/show-large"), at(side, "c/show-system")]) {
        await run(side, 200, [{ program, devices }]);
      }
    }
    const none = [{ name: "none" }, STDOUT];
    await run(side, 400, [{ program: "show-text", devices: none }]);
  },
  "what a program knows of its object": async (side) => {
    await stored(side, "c/in", "data");
    await stored(side, "c/image.tar", craftedTar([{ name: "a", contents: "b" }]));
    const devices = [
      { name: "stdin", path: at(side, "c/in") },
      { name: "image", path: at(side, "c/image.tar") },
    ];
    for (const attach of ["default", "stdin", "image", "stdout"]) {
      await run(side, 200, [{ program: "nvram", devices: [...devices, STDOUT], more: { attach } }]);
    }
    const meta = { Key: "value" };
    const out = { name: "stdout", path: at(side, "c/out"), content_type: "text/told", meta };
    for (const more of [{ attach: "stdout" }, {}]) {
      await run(side, 200, [{ program: "nvram", devices: [...devices, out], more }], {
        varies: true,
      });
      await read(side, "c/out");
    }
    await run(side, 200, [{ program: "nvram", devices: [out] }]);
    await read(side, "c/out");
  },
  "what a program knows of its request": async (side) => {
    await side.container("c");
    const headers = {
      Cookie: "secret=1",
      "X-Forwarded-For": "203.0.113.9",
      "X-Custom": "given",
      Authorization: "Basic x",
      Accept: "text/*",
      "User-Agent": "twin",
      Host: "cloud.example:81",
      "X-Backend-Storage-Policy-Index": "3",
      "X-Remote-User": "forged",
    };
    const path = "/v1/AUTH_test?one=1&two=%20&%C3%A4";
    const group = { name: "own", program: "nvram", args: "-l x 'y z'", env: ENV };
    await run(side, 200, [group], { headers, path });
    await run(side, 200, [group], { headers, path: `/v1/AUTH_test/${side.name("c")}/x%20y` });
    await run(side, 200, [{ ...group, program: "tell" }], { headers });
  },
  "an image in the request, with its job": async (side) => {
    const group = groupOf({ name: "own", program: "file://show", args: "-l x", env: ENV });
    const devices = [{ name: "stdout", mode: "pipe" }, { name: "image" }];
    const image = craftedTar([
      {
        name: "boot/system.map",
        contents: byteStringOf(Buffer.from(JSON.stringify([{ ...group, devices }]))),
      },
      { name: "show", contents: byteStringOf(showingGuest("dev/nvram")) },
    ]);
    await post(side, 200, image, { type: "application/x-tar" });
    await post(side, 200, gzipSync(image), { type: "application/x-gzip" });
    const other = craftedTar([
      { name: "boot/cluster.map", contents: jobOf({ program: "file://image:bin/hello" }) },
      { name: "bin/hello", contents: byteStringOf(writingGuest("of the image")) },
    ]);
    await post(side, 200, other, { type: "application/x-tar" });
  },
  scripts: async (side) => {
    await stored(side, "c/in", "data");
    const type = "text/x-script";
    const url = `swift://~/twin-bin/show-script`;
    await post(side, 200, `#! ${url}\nthe text\n`, { type });
    await post(side, 200, "#! file://python:python\nprint(6 * 7)\n", { type });
    const path = `/v1/AUTH_test/${side.name("c")}/in`;
    await post(side, 200, "#! swift://~/twin-bin/cat\n", { type, path });
    for (const [status, script] of [
      [400, "no shebang"],
      [400, "#! /bin/sh\n"],
      [400, "#! file://x\n"],
      [400, "#! file://other:bin/show\n"],
      [404, "#! swift://~/twin-bin/none\n"],
    ] as const) {
      await post(side, status, script, { type });
    }
  },
  "a job that is an object": async (side) => {
    const echo = jobOf({ program: "cat", devices: [STDIN, STDOUT] });
    await stored(side, "c/job", echo, "application/json");
    await stored(side, "c/deaf", jobOf({ program: "hello" }), "application/json");
    const image = craftedTar([{ name: "boot/system.map", contents: echo }]);
    await stored(side, "c/app", image, "application/x-tar");
    const from = (name: string) => ({
      headers: { "X-Zerovm-Source": `swift%3A//AUTH_test/${side.name(name)}` },
      type: "text/plain",
    });
    for (const name of ["c/job", "c/app"]) {
      await post(side, 200, "the data", from(name));
      await post(side, 200, undefined, from(name));
      const headers = { ...from(name).headers, "Transfer-Encoding": "chunked" };
      await post(side, 200, "in chunks", { type: "text/plain", headers });
    }
    await post(side, 200, "", from("c/deaf"));
    await post(side, 400, "some", from("c/deaf"));
    await post(side, 404, undefined, from("c/none"));
    await post(side, 404, undefined, from("none/none"));
    await post(side, 412, undefined, { headers: { "X-Zerovm-Source": "c/none" } });
    await post(side, 403, undefined, { ...from("c/app"), as: "other" });
    await post(side, 404, undefined, { headers: { "X-Zerovm-Source": "swift://~/none/x" } });
  },
  "a container as input": async (side) => {
    await stored(side, "listed/b", "22");
    await stored(side, "listed/a/x", "1", "text/one");
    await stored(side, "listed/é ü", "333");
    for (const name of ["listed", "none"]) {
      const devices = [{ name: "stdin", path: `swift://~/${side.name(name)}` }, STDOUT];
      await run(side, name === "none" ? 404 : 200, [{ program: "cat", devices }]);
    }
  },
  "names that are not ASCII, or mean something in URLs": async (side) => {
    for (const name of ["naïve/Ωμέγα 😀", "a%20b?c#d", "quote\" and 'tick'"]) {
      await side.container("ü c");
      const object = (what: string) => `${side.name("ü c")}/${what}`;
      const path = (what: string) =>
        `/v1/AUTH_test/${object(what).split("/").map(encodeURIComponent).join("/")}`;
      await side.send("PUT", path(name), { body: "data" });
      const devices = [
        { name: "stdin", path: `swift://~/${object(name)}` },
        { name: "stdout", path: `swift://~/${object(`${name} out`)}` },
      ];
      await run(side, 200, [{ name: "Knoten-é", program: "cat", devices }]);
      await side.ask(200, "GET", path(`${name} out`));
      await run(side, 200, [{ name: "ü", program: "nvram", devices: [devices[0], STDOUT] }]);
    }
    await run(side, 412, [{ program: "hello" }], { path: "/v1/AUTH_test/c/%ff" });
  },
});
