import { gzipSync } from "node:zlib";
import { archive } from "../../../support/archive.ts";
import { writingGuest } from "../../../support/guests.ts";
import { at, type Case, CGI, cases, type Group, groupOf, jobOf, STDIN, STDOUT } from "./jobs.ts";
import { type Asked, accountOf, type Side } from "./side.ts";

export const ENDPOINT = "X-Container-Meta-Rest-Endpoint";
const ORIGIN = "https://page.example";

/** Stores an app of these groups; its container is made. */
export async function putApp(
  side: Side,
  name: string,
  groups: readonly Group[],
  { as = "tester" }: Pick<Asked, "as"> = {},
): Promise<string> {
  await side.container(name.split("/")[0] ?? "", {}, as);
  const body = archive([["boot/system.map", jobOf(...groups)]]);
  await side.put(name, body, { as, headers: { "Content-Type": "application/x-tar" } });
  return `swift://${accountOf(as)}/${side.name(name)}`;
}

/** An app that tells all that it knows, as the endpoint of a container. */
async function telling(side: Side): Promise<string> {
  const app = await putApp(side, "apps/tell.tar", [{ program: "tell", devices: [STDIN, CGI] }]);
  await side.container("site", { [ENDPOINT]: app });
  return `/api/AUTH_test/${side.name("site")}`;
}

async function template(side: Side, type: string, text: string): Promise<void> {
  await side.send("PUT", "/v1/AUTH_test/.zvm");
  const path = `/v1/AUTH_test/.zvm/${type}/config`;
  const headers = { "Content-Type": "application/json" };
  await side.send("PUT", path, { headers, body: text });
}

/** Apps: `open`, `api`, and what opens an object. */
export const APP_CASES: readonly Case[] = cases({
  "an app behind api": async (side) => {
    const api = await telling(side);
    for (const method of ["GET", "PUT", "POST", "DELETE", "HEAD"]) {
      const headers = { "X-Mine": "m" };
      const body = method === "HEAD" ? {} : { body: "the body" };
      await side.ask(201, method, `${api}/items/7%20x?full=1&b=%20`, { headers, ...body });
      await side.ask(201, method, api, { headers });
    }
    await side.ask(201, "GET", `${api}/%C3%A4/%ce%a9?%C3%A4`);
    await side.ask(201, "GET", `${api}/a//b/../c/./d/`);
    await side.ask(201, "PUT", `${api}/x`, {
      headers: { "Transfer-Encoding": "chunked" },
      body: "in chunks",
    });
  },
  "an app that is opened, or asked for by header": async (side) => {
    await telling(side);
    const execute = (value: string) => ({ headers: { "X-Zerovm-Execute": value } });
    const object = `AUTH_test/${side.name("apps")}/tell.tar`;
    await side.ask(201, "GET", `/open/${object}?q`);
    await side.ask(201, "POST", `/open/${object}`, { body: "the body" });
    await side.ask(201, "GET", `/v1/AUTH_test/${side.name("site")}/items`, execute("api/1.0"));
    await side.ask(201, "DELETE", `/v1/${object}`, execute("open/1.0"));
    await side.ask(200, "HEAD", `/v1/${object}`);
  },
  "apps that are packed, or nothing but a job": async (side) => {
    await side.container("apps");
    const job = jobOf({ program: "hello" });
    const packed = gzipSync(archive([["boot/cluster.map", job]]));
    await side.put("apps/p.tgz", packed, { headers: { "Content-Type": "application/gzip" } });
    await side.ask(200, "GET", `/open/AUTH_test/${side.name("apps")}/p.tgz`);
    await side.put("apps/x.json", job, { headers: { "Content-Type": "application/json" } });
    const url = `swift%3A//AUTH_test/${side.name("apps")}/x%2Ejson`;
    await side.container("job", { [ENDPOINT]: url });
    await side.ask(200, "POST", `/api/AUTH_test/${side.name("job")}`);
  },
  "an app with files and programs of its own": async (side) => {
    await side.container("apps");
    const group = groupOf({
      program: "file://image:bin/own",
      devices: [{ name: "image" }, STDOUT],
    });
    const app = archive([
      ["boot/system.map", JSON.stringify([group])],
      ["bin/own", writingGuest("of its own")],
    ]);
    await side.put("apps/own.tar", app, { headers: { "Content-Type": "application/x-tar" } });
    await side.ask(200, "GET", `/open/AUTH_test/${side.name("apps")}/own.tar`);
  },
  "an app that is stored anew, or named anew": async (side) => {
    const app = await putApp(side, "new/app.tar", [{ program: "hello" }]);
    await side.container("new", { [ENDPOINT]: app });
    const api = `/api/AUTH_test/${side.name("new")}`;
    await side.ask(200, "GET", api);
    await putApp(side, "new/app.tar", [{ program: "warn", devices: [{ name: "stderr" }] }]);
    await side.ask(200, "GET", api);
    const other = await putApp(side, "new/other.tar", [{ program: "tell", devices: [CGI] }]);
    await side.container("new", { [ENDPOINT]: other });
    await side.ask(201, "GET", api);
  },
  "a chain of an app takes the body": async (side) => {
    await side.container("up");
    const next = {
      name: "store",
      program: "cat",
      devices: [STDIN, { name: "stdout", path: at(side, "up/file") }],
    };
    const head = "HTTP/1.1 200 OK\nContent-Type: application/json\nX-Zerovm-Execute: 1.0\n\n";
    await side.put("up/step", writingGuest(head + jobOf(next)));
    const output = { name: "stdout", content_type: "message/http" };
    const app = await putApp(side, "up/app.tar", [
      { program: at(side, "up/step"), devices: [output] },
    ]);
    await side.container("up", { [ENDPOINT]: app });
    const api = `/api/AUTH_test/${side.name("up")}`;
    await side.ask(200, "PUT", `${api}/any`, { body: "the upload" });
    await side.ask(200, "GET", `/v1/AUTH_test/${side.name("up")}/file`);
  },
  "apps that are none": async (side) => {
    await side.container("apps");
    const open = `/open/AUTH_test/${side.name("apps")}`;
    const tar = { headers: { "Content-Type": "application/x-tar" } };
    for (const bytes of ["", "x".repeat(2000), archive([["a", "b"]])]) {
      await side.put("apps/bad.tar", bytes, tar);
      await side.ask(501, "POST", `${open}/bad.tar`);
      await side.ask(404, "GET", `${open}/bad.tar`);
    }
    const gzip = { headers: { "Content-Type": "application/x-gzip" } };
    await side.put("apps/bad.tgz", "no gzip", gzip);
    await side.ask(422, "POST", `${open}/bad.tgz`);
    await side.put("apps/odd.tar", archive([["boot/system.map", "{"]]), tar);
    await side.ask(422, "GET", `${open}/odd.tar`);
    await side.ask(404, "GET", `${open}/none.tar`);
    await side.ask(404, "GET", `/open/AUTH_test/${side.name("none")}/none.tar`);
    for (const name of ["apps", "none"]) {
      await side.ask(404, "GET", `/api/AUTH_test/${side.name(name)}/x`);
    }
    const gone = `swift://AUTH_test/${side.name("apps")}/none.tar`;
    await side.container("gone", { [ENDPOINT]: gone });
    await side.ask(404, "GET", `/api/AUTH_test/${side.name("gone")}`);
  },
  "methods and paths without a meaning": async (side) => {
    await telling(side);
    const open = `/open/AUTH_test/${side.name("apps")}`;
    await side.ask(412, "PATCH", `${open}/tell.tar`);
    await side.ask(412, "COPY", `${open}/tell.tar`);
    await side.ask(412, "GET", open);
    await side.ask(412, "GET", "/api/AUTH_test");
    await side.ask(412, "GET", "/api/AUTH_test/");
  },
  "what opens an object by its type": async (side) => {
    const type = `text/${side.name("x")}`;
    const groups = [
      groupOf({
        name: "{.name=t}",
        program: "cat",
        devices: [
          { name: "stdin", path: "{.object_path}" },
          { name: "stdout", content_type: "{.type=text/x}" },
        ],
      }),
    ];
    await template(side, type, JSON.stringify(groups));
    await side.container("site");
    await side.put("site/o.txt", "opened", { headers: { "Content-Type": type } });
    const object = `/open/AUTH_test/${side.name("site")}/o.txt`;
    await side.ask(200, "GET", object);
    const query = `?object_path=swift://~/none/x&type=text/y&name=%C3%BC`;
    await side.ask(200, "GET", object + query);
    const evil = `x","devices":[{"name":"stdin","path":"swift://~/x/secret"}],"a":"`;
    await side.ask(400, "GET", `${object}?name=${encodeURIComponent(evil)}`);
    await side.ask(501, "PUT", object, { body: "x" });
    await side.container("assoc", { [ENDPOINT]: `swift://~/${side.name("site")}/o.txt` });
  },
  "types that nothing opens, and templates that are none": async (side) => {
    const type = `image/${side.name("none")}`;
    await side.container("site");
    await side.put("site/q", "x", { headers: { "Content-Type": type } });
    const object = `/open/AUTH_test/${side.name("site")}/q`;
    await side.ask(404, "GET", object);
    await template(side, type, " ".repeat(70_000));
    await side.ask(413, "GET", object);
    await template(side, type, "{.x}");
    await side.ask(422, "GET", object);
    await side.ask(404, "GET", `/open/AUTH_test/${side.name("site")}/missing`);
  },
  "a program that is opened": async (side) => {
    await side.container("site");
    const headers = { "Content-Type": "application/x-nexe" };
    // What is no program is judged when it runs, wherever it was stored.
    await side.put("site/p.nexe", "no program", { headers });
    const object = `/open/AUTH_test/${side.name("site")}/p.nexe`;
    await side.ask(500, "GET", `${object}?args=x&content_type=text/z`);
    await side.ask(501, "PUT", object);
  },
  "pages of other origins": async (side) => {
    const api = await telling(side);
    const url = `/v1/AUTH_test/${side.name("site")}`;
    await side.container("site", {
      "X-Container-Meta-Access-Control-Allow-Origin": ORIGIN,
      "X-Container-Meta-Access-Control-Expose-Headers": "X-Own",
      "X-Container-Meta-Access-Control-Max-Age": "5",
    });
    const execute = { "X-Zerovm-Execute": "1.0", "Content-Type": "application/json" };
    for (const origin of [ORIGIN, "https://other.example"]) {
      const headers = { Origin: origin };
      await side.ask(201, "GET", `${api}/x`, { headers });
      await side.ask(403, "GET", `${api}/x`, { headers, as: "other" });
      await side.ask(401, "GET", `${api}/x`, { headers, as: "nobody" });
      const body = jobOf({ program: "hello" });
      await side.ask(200, "POST", url, { headers: { ...headers, ...execute }, body });
      const asked = { ...headers, "Access-Control-Request-Method": "PUT" };
      const status = origin === ORIGIN ? 200 : 401;
      for (const path of [`${api}/x`, url]) {
        await side.ask(status, "OPTIONS", path, { headers: asked, as: "nobody" });
        const more = { ...asked, "Access-Control-Request-Headers": "x-zerovm-execute, x-own" };
        await side.ask(status, "OPTIONS", path, { headers: more, as: "nobody" });
      }
    }
    await side.ask(200, "OPTIONS", `${api}/x`);
  },
});
