import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COPYING_GUEST, writingGuest } from "../../../test/support/guests.ts";
import { OPERATOR } from "../../../test/support/http-client.ts";
import { JobServer } from "../../../test/support/job-server.ts";

/** Lines of the book's list 9.3: wildcards, and what becomes of the names that they find. */

let server: JobServer;

/** Contents of each object are its own name and a comma. */
const OBJECTS = [
  "in1/a1.txt",
  "in1/a2.txt",
  "in1/b.bin",
  "in2/a3.txt",
  "in2/c.txt",
  "logs/2014-05/part7",
  "logs/2014-06/part1",
];

beforeAll(async () => {
  server = await JobServer.start();
  await server.put("cat", COPYING_GUEST);
  await server.put("hello", writingGuest("hello"));
  for (const container of ["in1", "in2", "logs", "out"]) {
    await server.http.send("PUT", `/v1/a/${container}`);
  }
  for (const object of OBJECTS) {
    await server.http.send("PUT", `/v1/a/${object}`, { body: `${object},` });
  }
});
afterAll(async () => await server.close());

const stored = async (object: string) => await server.http.send("GET", `/v1/a/out/${object}`);

/** A group that copies what is found to an output. */
const copying = (name: string, from: string, to?: string) => ({
  name,
  program: "c/cat",
  devices: [
    { name: "stdin", path: `swift://~/${from}` },
    { name: "stdout", ...(to !== undefined && { path: `swift://~/out/${to}` }) },
  ],
});

describe("wildcards", () => {
  test.each([
    ["object", "in1/a*.txt", ["in1/a1.txt", "in1/a2.txt"]],
    ["container", "in*/a3.txt", ["in2/a3.txt"]],
    ["both", "in*/a*.txt", ["in1/a1.txt", "in1/a2.txt", "in2/a3.txt"]],
    ["both, all", "in*/*", OBJECTS.filter((name) => name.startsWith("in"))],
  ])("%s: a node for each match of %s, in their order", async (_line, pattern, found) => {
    const answer = await server.run([copying("m", pattern)]);
    expect(answer.body).toBe(found.map((name) => `${name},`).join(""));
    const names = found.map((_, index) => `m-${index + 1}`);
    expect(answer.headers["x-nexe-system"]).toBe(names.join(","));
  });

  test("a plan says where the nodes would run, and runs none", async () => {
    const path = "/v1/a?format=plan";
    const answer = await server.run([copying("m", "in1/a*.txt", "planned-*.txt")], { path });
    const why = "here: there is but one machine";
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body).nodes).toMatchObject([
      { id: 1, node: "m-1", why },
      { id: 2, node: "m-2", why },
    ]);
    expect((await stored("planned-1.txt")).status).toBe(404);
  });

  test("names that no job can have are left out, and told of in the report", async () => {
    await server.http.send("PUT", "/v1/a/odd");
    for (const name of ["good", "two%0Alines"]) {
      await server.http.send("PUT", `/v1/a/odd/${name}`, { body: name });
    }
    const answer = await server.run([copying("m", "odd/*")], { path: "/v1/a?format=json" });
    const { instances, warnings } = JSON.parse(answer.body);
    expect([answer.status, instances.length]).toEqual([200, 1]);
    expect(warnings).toEqual([expect.stringContaining("lines is not taken for swift://~/odd/*")]);
  });

  test("group transform: what each `*` found goes into the name that is written", async () => {
    const answer = await server.run([copying("t", "logs/2014-*/part*", "*-*.txt")]);
    expect(answer).toMatchObject({ status: 200, headers: { "x-nexe-system": "t-1,t-2" } });
    expect((await stored("05-7.txt")).body).toBe("logs/2014-05/part7,");
    expect((await stored("06-1.txt")).body).toBe("logs/2014-06/part1,");
    const more = await server.run([copying("t", "in1/a*", "*-*")]);
    expect(more).toMatchObject({
      status: 400,
      body: expect.stringMatching(/^Wildcards in input cannot be resolved into output path /),
    });
  });

  test("group transform: a wildcard in the container counts first", async () => {
    await server.run([copying("t", "in*/a*.txt", "from *: *")]);
    expect((await stored("from%201:%202")).body).toBe("in1/a2.txt,");
    expect((await stored("from%202:%203")).body).toBe("in2/a3.txt,");
  });

  test("write wildcard: the name of the node", async () => {
    const devices = [{ name: "stdout", path: "swift://~/out/r.*" }];
    const one = await server.run([{ name: "one", program: "c/hello", devices }]);
    expect(one.status).toBe(200);
    expect((await stored("r.one")).body).toBe("hello");
    const two = { name: "w", program: "c/hello", devices, more: { count: 2 } };
    expect((await server.run([two])).headers["x-nexe-system"]).toBe("w-1,w-2");
    for (const name of ["r.w-1", "r.w-2"]) expect((await stored(name)).body).toBe("hello");
  });

  test("write wildcard: several nodes do not write one object", async () => {
    const answer = await server.run([copying("m", "in1/*", "same")]);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatch(
      /^Single path swift:\/\/~\/out\/same for multiple node definition: m, please use wildcard/,
    );
    expect((await stored("same")).status).toBe(404);
  });

  test("multiple groups: each has its own matches and outputs", async () => {
    const groups = [copying("x", "in1/a*.txt", "x*"), copying("y", "in2/*.txt", "y*")];
    const answer = await server.run(groups);
    expect(answer.headers["x-nexe-system"]).toBe("x-1,x-2,y-1,y-2");
    const names = ["x1", "x2", "ya3", "yc"];
    const bodies = await Promise.all(names.map(async (name) => (await stored(name)).body));
    expect(bodies).toEqual(["in1/a1.txt,", "in1/a2.txt,", "in2/a3.txt,", "in2/c.txt,"]);
  });

  test("copies double the entries of headers and no output; `replicate: 0` makes none", async () => {
    const group = copying("r", "in1/a*.txt", "r*");
    const twice = await server.run([{ ...group, more: { replicate: 2 } }]);
    expect(twice.headers["x-nexe-system"]?.toString().split(",").sort()).toEqual([
      "r-1",
      "r-1",
      "r-2",
      "r-2",
    ]);
    expect((await stored("r1")).body).toBe("in1/a1.txt,");
    const once = await server.run([{ ...group, more: { replicate: 0 } }]);
    expect(once.headers["x-nexe-system"]).toBe("r-1,r-2");
  });

  test("nothing is like them: 400 with the URL", async () => {
    const answer = await server.run([copying("m", "in1/none*")]);
    expect(answer).toMatchObject({
      status: 400,
      body: expect.stringMatching(/^No objects found in path swift:\/\/~\/in1\/none\*/),
    });
  });
});

test("account server error: containers that cannot be listed are told by their account", async () => {
  const devices = [{ name: "stdin", path: "swift://none/*/o" }, { name: "stdout" }];
  const answer = await server.run([{ program: "c/cat", devices }], { as: OPERATOR });
  expect(answer).toMatchObject({
    status: 400,
    body: expect.stringMatching(/^Error querying object server for account: none/),
  });
});
