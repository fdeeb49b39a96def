import { readFileSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { captured } from "../../../test/support/captured.ts";
import { CommandsInCloud, printed } from "../../../test/support/commands-in-cloud.ts";
import type { Arrived } from "../../../test/support/faulty-front.ts";
import { writingGuest } from "../../../test/support/guests.ts";
import { makeTree } from "../../../test/support/temporary-folder.ts";

const here = new CommandsInCloud();

const OLD = "0123456789";
const NEW = "abcdefghij";
/** Segments of two bytes, one after another. */
const IN_SEGMENTS = ["--segment", "2", "--parallel", "1"];

const isSegment = ({ method, url }: Arrived, number: number): boolean =>
  method === "PUT" && /\/slo\/.*\/(\d{8})(?:\.1)?$/.exec(url)?.[1] === `0000000${number}`;

/** Does something once, when a request arrives and before the server has it. */
function at(isIt: (request: Arrived) => boolean, act: () => void): void {
  let isDone = false;
  here.front.intercept = (request) => {
    if (!isDone && isIt(request)) {
      isDone = true;
      act();
    }
    return false;
  };
}

/** Rewrites the file in place, or puts another in its place that has its time. */
const CHANGES = {
  "is written anew": () => writeFileSync("o", NEW),
  grows: () => writeFileSync("o", OLD + NEW),
  shrinks: () => writeFileSync("o", NEW.slice(5)),
  "is another": () => {
    writeFileSync("other", NEW);
    utimesSync("other", 1000, 1000);
    renameSync("other", "o");
  },
};

test.each(Object.entries(CHANGES))(
  "a file that %s while it is sent is not stored",
  async (_, act) => {
    writeFileSync("o", "before");
    await printed("put", "o", "c");
    writeFileSync("o", OLD);
    utimesSync("o", 1000, 1000);
    at(({ method, url }) => method === "HEAD" && url.endsWith("/c/o"), act);
    const { status, stdout, stderr } = await captured(["put", "o", "c"]);
    expect([status, stdout]).toEqual([125, ""]);
    expect(stderr).toMatch(/^zerovm: o was changed while it was sent: it is not stored\n$/);
    expect(await printed("cat", "c/o")).toBe("before");
  },
);

test.each(Object.entries(CHANGES))(
  "no manifest names segments of a file that %s",
  async (_, act) => {
    writeFileSync("o", OLD);
    await printed("put", ...IN_SEGMENTS, "o", "c");
    const before = await printed("ls", "-l", "c_segments");
    writeFileSync("o", NEW);
    utimesSync("o", 1000, 1000);
    at((request) => isSegment(request, 2), act);
    const { status, stderr } = await captured(["put", ...IN_SEGMENTS, "o", "c"]);
    expect(status).toBe(125);
    expect(stderr).toBe("zerovm: o was changed while it was sent: it is not stored\n");
    expect(here.front.lines.filter((line) => line.endsWith("=put"))).toHaveLength(1);
    expect(await printed("cat", "c/o")).toBe(OLD);
    expect(await printed("ls", "-l", "c_segments")).toBe(before);
  },
);

test("segments of a changed file that cannot be removed are named", async () => {
  writeFileSync("o", OLD);
  utimesSync("o", 1000, 1000);
  here.front.intercept = (request, response) => {
    if (isSegment(request, 1)) writeFileSync("o", NEW);
    if (request.method !== "DELETE") return false;
    response.writeHead(403).end("never");
    return true;
  };
  const { status, stderr } = await captured(["put", ...IN_SEGMENTS, "o", "c"]);
  expect(status).toBe(125);
  expect(stderr).toMatch(
    /: it is not stored; what was sent of it is left, c_segments\/o\/slo\/1000\.000000000\/10\/2\/00000000 and 2 more: DELETE .* 403: never/,
  );
});

test.each([
  ["another time", 2000],
  ["the same time", 1000],
])("a file of the same size and %s replaces the object whole or not at all", async (_, time) => {
  writeFileSync("o", OLD);
  utimesSync("o", 1000, 1000);
  await printed("put", ...IN_SEGMENTS, "o", "c");
  writeFileSync("o", NEW);
  utimesSync("o", time, time);
  here.front.intercept = (request, response) => {
    if (!isSegment(request, 3)) return false;
    response.writeHead(507).end();
    return true;
  };
  const failed = await captured(["put", ...IN_SEGMENTS, "o", "c"]);
  expect([failed.status, failed.stderr]).toEqual([
    125,
    expect.stringMatching(/the missing ones\n/),
  ]);
  expect(await printed("cat", "c/o")).toBe(OLD);
  here.front.arrived.length = 0;
  here.front.intercept = () => false;
  expect(await printed("put", ...IN_SEGMENTS, "o", "c")).toBe("c/o: 10 bytes\n");
  const sent = here.front.lines.filter((line) => /^PUT .*\/slo\//.test(line));
  expect(sent.map((line) => line.replace(/.*\/(\d{8}).*/, "$1"))).toEqual(["00000003", "00000004"]);
  expect(await printed("cat", "c/o")).toBe(NEW);
  expect((await printed("ls", "c_segments")).trim().split("\n")).toHaveLength(5);
});

test("the bundle of an application that is written anew while it is sent is not stored", async () => {
  const group = '{name: g, path: "file://image:p.wasm", devices: [{name: stdout}]}';
  const zapp = `meta: {name: app}\nexecution:\n  groups:\n    - ${group}\nbundling: [p.wasm]\n`;
  makeTree(".", { "zapp.yaml": zapp });
  writeFileSync("p.wasm", writingGuest(""));
  await printed("pack");
  const bytes = readFileSync("app.zapp");
  at(
    ({ method, url }) => method === "HEAD" && url.endsWith(".zapp"),
    () => {
      writeFileSync("app.zapp", bytes);
    },
  );
  const { status, stderr } = await captured(["deploy", "apps", "app.zapp"]);
  expect([status, stderr]).toEqual([
    125,
    "zerovm: app.zapp was changed while it was sent: it is not stored\n",
  ]);
  expect(await printed("ls", "apps")).toBe("");
});

test("says of a program why it is not marked as valid", async () => {
  const tells = (reason: RegExp) => expect.stringMatching(reason);
  writeFileSync("bad.nexe", "no program");
  writeFileSync("ok.nexe", writingGuest("hi"));
  const said = await printed("put", "bad.nexe", "ok.nexe", "c");
  expect(said.split("\n")).toEqual([
    "c/bad.nexe: 10 bytes",
    tells(/^c\/bad\.nexe: the program is invalid: .+/),
    tells(/^c\/ok\.nexe: \d+ bytes$/),
    "",
  ]);
  const stored = JSON.parse(await printed("put", "--json", "bad.nexe", "ok.nexe", "c"));
  expect(stored[0]).toMatchObject({ validation: tells(/^invalid: /) });
  expect(stored[1]).not.toHaveProperty("validation");
  const parts = JSON.parse(await printed("put", "--json", "--segment", "4", "bad.nexe", "c"));
  expect(parts[0].validation).toMatch(/^not judged: a large object/);
});
