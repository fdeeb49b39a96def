import { tellingGuest } from "../../../support/app-guests.ts";
import { writingGuest } from "../../../support/guests.ts";
import { BIN, type Case, cases, read } from "./jobs.ts";
import type { Side } from "./side.ts";

const named = (program: string) => ({ "X-Zerovm-Run": `swift://AUTH_test/${BIN}/${program}` });

async function fill(side: Side): Promise<string> {
  const path = await side.container("c");
  const headers = { "Content-Type": "text/plain", "X-Object-Meta-Key": "value" };
  await side.put("c/o", "abcdefghij", { headers });
  return path;
}

/** A program over one object while it is read, written or copied. */
export const RUN_CASES: readonly Case[] = cases({
  "reading through a program": async (side) => {
    const c = await fill(side);
    const headers = { ...named("case"), "X-Zerovm-Run-Type": "text/upper" };
    await side.ask(200, "GET", `${c}/o`, { headers });
    await side.ask(200, "GET", `${c}/o`, { headers: named("case") });
    for (const [range, status] of [
      ["bytes=2-4", 200],
      ["bytes=7-", 200],
      ["bytes=-2", 200],
      ["bytes=8-100", 200],
      ["bytes=10-", 416],
      ["bytes=1-2,4-5", 400],
      ["lines=1-2", 400],
    ] as const) {
      const ranged = { ...headers, "X-Zerovm-Range": range };
      await side.ask(status, "GET", `${c}/o`, { headers: ranged });
    }
  },
  "reading a large object, whole and in part": async (side) => {
    const c = await fill(side);
    await side.put("c/s1", "abcd");
    await side.put("c/s2", "efgh");
    const manifest = JSON.stringify(
      ["s1", "s2"].map((one) => ({ path: `/${side.name("c")}/${one}` })),
    );
    await side.send("PUT", `${c}/big?multipart-manifest=put`, { body: manifest });
    await side.ask(200, "GET", `${c}/big`, { headers: named("case") });
    const headers = { ...named("case"), "X-Zerovm-Range": "bytes=3-5" };
    await side.ask(200, "GET", `${c}/big`, { headers });
  },
  "parameters, and status and headers that are printed": async (side) => {
    const c = await fill(side);
    const headers = {
      ...named("tell"),
      "X-Zerovm-Run-Type": "message/cgi",
      "X-Zerovm-Parameter-1": "width:1%200",
    };
    await side.ask(201, "GET", `${c}/o`, { headers });
  },
  "programs by their names": async (side) => {
    const c = await fill(side);
    await side.send("PUT", "/v1/AUTH_test/.zvm");
    const name = side.name("upper");
    const body = tellingGuest("upper:");
    await side.send("PUT", `/v1/AUTH_test/.zvm/run/${name}`, { body });
    await side.ask(200, "GET", `${c}/o`, { headers: { "X-Zerovm-Run": name } });
  },
  "storing through a program": async (side) => {
    const c = await fill(side);
    const headers = { ...named("case"), "Content-Type": "text/up", "X-Object-Meta-Key": "new" };
    await side.ask(201, "PUT", `${c}/up`, { headers, body: "upload" });
    await read(side, "c/up");
    const chunked = { ...named("case"), "Transfer-Encoding": "chunked" };
    await side.ask(201, "PUT", `${c}/chunks`, { headers: chunked, body: "parts" });
    await read(side, "c/chunks");
    const from = { ...named("case"), "X-Copy-From": `/${side.name("c")}/o`, "Content-Length": "0" };
    await side.ask(201, "PUT", `${c}/from`, { headers: from });
    await read(side, "c/from");
  },
  "copying through a program": async (side) => {
    const c = await fill(side);
    const to = (destination: string) => ({ ...named("case"), Destination: destination });
    const ranged = { ...to(`${side.name("c")}/copy`), "X-Zerovm-Range": "bytes=0-2" };
    await side.ask(201, "COPY", `${c}/o`, { headers: ranged });
    await read(side, "c/copy");
    await side.ask(412, "COPY", `${c}/o`, { headers: named("case") });
    await side.ask(412, "COPY", `${c}/o`, { headers: to("nothing") });
    await side.ask(404, "COPY", `${c}/o`, { headers: to(`${side.name("none")}/x`) });
    const elsewhere = { ...to(`${side.name("c")}/x`), "Destination-Account": "AUTH_other" };
    await side.ask(400, "COPY", `${c}/o`, { headers: elsewhere });
  },
  "programs that fail": async (side) => {
    const c = await fill(side);
    await side.ask(503, "GET", `${c}/o`, { headers: named("fail") });
    await side.ask(503, "PUT", `${c}/o`, { headers: named("fail"), body: "new" });
    await side.ask(503, "PUT", `${c}/none`, { headers: named("fail"), body: "new" });
    await read(side, "c/o");
    await read(side, "c/none", 404);
    const soon = { ...named("loop"), "X-Zerovm-Timeout": "1" };
    await side.ask(500, "GET", `${c}/o`, { headers: soon });
  },
  "requests that are refused": async (side) => {
    const c = await fill(side);
    const get = async (status: number, headers: Readonly<Record<string, string>>, path = "o") =>
      await side.ask(status, "GET", `${c}/${path}`, { headers });
    await get(404, named("missing"));
    await get(400, { "X-Zerovm-Run": "http://x/y" });
    await get(400, { "X-Zerovm-Run": "" });
    await get(404, named("case"), "none");
    await get(400, { ...named("case"), Range: "bytes=0-1" });
    await get(400, { ...named("case"), "X-Zerovm-Deferred": "always" });
    await side.ask(501, "POST", `${c}/o`, { headers: named("case"), body: "x" });
    await side.ask(501, "DELETE", `${c}/o`, { headers: named("case") });
    for (const [as, status] of [
      ["other", 403],
      ["reader", 403],
      ["nobody", 401],
    ] as const) {
      await side.ask(status, "GET", `${c}/o`, { as, headers: named("case") });
    }
    await side.container("c", { "X-Container-Read": "other" });
    await side.ask(403, "GET", `${c}/o`, { as: "other", headers: named("case") });
  },
  "a program that prints a job": async (side) => {
    const c = await fill(side);
    const head = "Content-Type: application/json\nX-Zerovm-Execute: 1.0\n\n";
    await side.put("c/chain", writingGuest(`${head}[]`));
    const headers = {
      "X-Zerovm-Run": `swift://~/${side.name("c")}/chain`,
      "X-Zerovm-Run-Type": "message/cgi",
    };
    await side.ask(200, "GET", `${c}/o`, { headers });
  },
});
