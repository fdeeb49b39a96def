/**
 * What the tests of the original ask of its parser and planner, by the numbers of the list in
 * chapter 9 of the reference. What they ask of running jobs is not here.
 */
import { describe, expect, it } from "vitest";
import { groupOf, judgeText, type Scene } from "../../../test/support/judge-job.ts";
import { picture } from "../../../test/support/picture-plan.ts";
import { accessesOf, instancesOf, pathOfItem } from "./index.ts";

const PROGRAM = { path: "swift://~/auth/p.nexe" };

async function pictured(job: unknown, scene?: Scene): Promise<string[]> {
  const { plan, findings } = await judgeText(job, scene);
  return plan === undefined ? findings.map(({ message }) => message) : picture(plan);
}

describe("9.3 outputs", () => {
  it("store stdout: the input is attached, the output is stored", async () => {
    const devices = [
      { name: "stdin", path: "swift://~/c/in" },
      { name: "stdout", path: "swift://~/c/out" },
    ];
    expect(await pictured([groupOf({ devices })])).toEqual([
      "1 n @/t/c/in | stdin</t/c/in stdout>/t/c/out",
    ]);
  });

  it("store stdout and stderr: two outputs in the order of their declaration", async () => {
    const devices = [
      { name: "stderr", path: "swift://~/c/err" },
      { name: "stdout", path: "swift://~/c/out" },
    ];
    expect(await pictured([groupOf({ devices })])).toEqual([
      "1 n @/t/c/err | stderr>/t/c/err stdout>/t/c/out",
    ]);
  });

  it("immediate stdout: text/html, or the type that is given", async () => {
    const job = [
      groupOf({ devices: [{ name: "stdout" }] }),
      groupOf({ name: "m", devices: [{ name: "stdout", content_type: "text/plain" }] }),
    ];
    const { plan } = await judgeText(job);
    const types = plan?.nodes.map(({ channels: [first] }) => {
      return first?.kind === "response" ? first.contentType : "";
    });
    expect(types).toEqual(["text/html", "text/plain"]);
  });

  it("store meta: metadata of a stored output; X 17: of every output", async () => {
    const devices = [{ name: "stdout", path: "swift://~/c/o", meta: { "key-1": "välue" } }];
    const { plan } = await judgeText([groupOf({ devices })]);
    expect(plan?.nodes[0]?.channels).toMatchObject([
      { kind: "stored", meta: { "key-1": "välue" } },
    ]);
  });

  it("hello, hello stderr, relative path: swift://./ is the own account", async () => {
    const exec = { path: "swift://./auth/hello.nexe" };
    const job = ["stdout", "stderr"].map((name) => groupOf({ name, exec, devices: [{ name }] }));
    const { plan } = await judgeText(job);
    expect(picture(plan)).toEqual(["1 stdout | stdout=response", "2 stderr | stderr=response"]);
    expect(plan?.nodes[0]?.program).toMatchObject({ item: { account: "t", container: "auth" } });
  });

  it("stored stdout, immediate stderr; alternative syntax: both ways of writing plan the same", async () => {
    const path = "swift://~/c/out";
    const one = [{ device: "stderr" }, { device: "stdout", path }];
    const other = [{ name: "stderr" }, { name: "stdout", path }];
    const planned = await pictured([groupOf({ file_list: one })]);
    expect(planned).toEqual(["1 n | stderr=response stdout>/t/c/out"]);
    expect(await pictured([groupOf({ devices: other })])).toEqual(planned);
  });

  it("immediate stdout with count 2: each node has its response", async () => {
    expect(await pictured([groupOf({ count: 2, devices: [{ name: "stdout" }] })])).toEqual([
      "1 n-1 | stdout=response",
      "2 n-2 | stdout=response",
    ]);
  });

  it("min_size goes with the output", async () => {
    const devices = [{ name: "stdout", path: "swift://~/c/o", min_size: 1 }];
    const { plan } = await judgeText([groupOf({ devices })]);
    expect(plan?.nodes[0]?.channels).toMatchObject([{ minSizeBytes: 1 }]);
  });
});

describe("9.3 placement", () => {
  const devices = [
    { name: "stdin", path: "swift://~/c/in" },
    { name: "image", path: "swift://~/c/img" },
    { name: "stdout" },
    { name: "output", path: "swift://~/c/out" },
  ];

  it.each([
    ["stdin", "/t/c/in", "read"],
    ["image", "/t/c/img", "read"],
    ["stdout", undefined, undefined],
    ["output", "/t/c/out", "write"],
    ["default", "/t/c/in", "read"],
  ])("node attach: %s", async (attach, path, access) => {
    const { plan } = await judgeText([groupOf({ attach, devices })]);
    const attachment = plan?.nodes[0]?.attachment;
    expect(attachment && pathOfItem(attachment.item)).toBe(path);
    expect(attachment?.access).toBe(access);
  });

  it("replicate 0 is one node that is not attached to its output", async () => {
    const output = { name: "stdout", path: "swift://~/c/o" };
    expect(await pictured([groupOf({ replicate: 0, devices: [output] })])).toEqual([
      "1 n | stdout>/t/c/o",
    ]);
  });

  it("use image: an image from an object is attached where nothing is read", async () => {
    const image = [{ name: "image", path: "swift://~/c/img" }, { name: "stdout" }];
    const exec = { path: "file://image:bin/p" };
    const { plan } = await judgeText([groupOf({ exec, devices: image })]);
    expect(picture(plan)).toEqual(["1 n @/t/c/img | image</t/c/img stdout=response"]);
    expect(plan?.nodes[0]?.transfers).toEqual([]);
  });

  it("use sysimage; sysimage with script device: type 3, and the script is not local", async () => {
    const listed = [{ name: "script", path: "swift://~/c/s" }, { name: "py" }, { name: "stdin" }];
    const { plan } = await judgeText([groupOf({ devices: listed })]);
    expect(picture(plan)).toEqual(["1 n | stdin=body script</t/c/s py=system-image"]);
    const alone = [{ name: "script", path: "swift://~/c/s" }, { name: "py" }];
    const second = await judgeText([groupOf({ devices: alone })]);
    expect(picture(second.plan)).toEqual(["1 n | script</t/c/s py=system-image"]);
    expect(second.plan?.nodes[0]).toMatchObject({
      channels: [{ type: 3 }, { type: 3 }],
      transfers: [{ account: "t", container: "c", object: "s" }],
    });
  });

  it("container query: a container as input is attached, and is no transfer", async () => {
    const { plan } = await judgeText([
      groupOf({ devices: [{ name: "stdin", path: "swift://~/c" }] }),
    ]);
    expect(picture(plan)).toEqual(["1 n @/t/c | stdin</t/c"]);
    expect(plan?.nodes[0]?.transfers).toEqual([]);
  });

  it("container wildcard: a node for each container", async () => {
    const input = [{ name: "stdin", path: "swift://~/c*" }];
    const objects = { "t/c1": [], "t/c2": [], "t/d": [], "other/c3": [] };
    expect(await pictured([groupOf({ devices: input })], { objects })).toEqual([
      "1 n-1 @/t/c1 | stdin</t/c1",
      "2 n-2 @/t/c2 | stdin</t/c2",
    ]);
  });
});

describe("9.3 co-located nodes", () => {
  const LABELS: readonly [string, (string | undefined)[], string][] = [
    ["none", [undefined, undefined, undefined], "a b c"],
    ["all in one", ["x", "x", "x"], "a! b c"],
    ["two of three", [undefined, "x", "x"], "b! a c"],
    ["each its own", ["x", "y", "z"], "a! b! c!"],
    ["two labels", ["x", "y", "x"], "a! b! c"],
  ];

  it.each(LABELS)("%s: leaders come first", async (_name, labels, order) => {
    const job = labels.map((location, at) => groupOf({ name: "abc"[at], location }));
    const { plan } = await judgeText(job);
    const seen =
      plan && instancesOf(plan).map(({ node, isLeader }) => node.name + (isLeader ? "!" : ""));
    expect(seen?.join(" ")).toBe(order);
  });

  it("copies of nodes have labels of their own", async () => {
    const { plan } = await judgeText([groupOf({ count: 2, replicate: 2, location: "x" })]);
    const seen =
      plan && instancesOf(plan).map(({ id, label, copy, isLeader }) => [id, label, copy, isLeader]);
    expect(seen).toEqual([
      [1, "x-0", 0, true],
      [3, "x-1", 1, true],
      [2, "x-0", 0, false],
      [4, "x-1", 1, false],
    ]);
  });

  it("9.5 X 29: a single node with a location is planned like any other", async () => {
    const { plan } = await judgeText([groupOf({ location: "x" })]);
    expect(plan && instancesOf(plan).map(({ id }) => id)).toEqual([1]);
  });
});

describe("9.3 networks", () => {
  it("network resolve multiple: with copies every peer appears twice, itself never", async () => {
    const { plan } = await judgeText([groupOf({ count: 3, replicate: 2, connect: ["n"] })]);
    expect(plan?.connections.length).toBe(6);
    const instances = new Map(plan?.nodes.map(({ id, instances }) => [id, instances]));
    for (const { from, to } of plan?.connections ?? []) {
      expect(from).not.toBe(to);
      expect(instances.get(to)?.length).toBe(2);
    }
  });

  it("networked devices; multistage: a chain of pipes", async () => {
    const stage = (name: string, next: string) => {
      return groupOf({ name, devices: [{ name: "stdout", path: `zvm://${next}:/dev/stdin` }] });
    };
    const job = [
      stage("a", "b"),
      stage("b", "c"),
      groupOf({ name: "c", devices: [{ name: "stdout", path: "swift://~/c/o" }] }),
    ];
    expect(await pictured(job)).toEqual([
      "1 a | ",
      "2 b | ",
      "3 c @/t/c/o | stdout>/t/c/o",
      "a:stdout -> b:stdin",
      "b:stdout -> c:stdin",
    ]);
  });

  it("config parser: five nodes that connect to each other, with logs", async () => {
    const devices = [{ name: "stderr", path: "swift://~/logs/*.log" }];
    const job = [groupOf({ name: "sort", count: 5, connect: ["sort"], devices })];
    const lines = await pictured(job);
    expect(lines.slice(0, 2)).toEqual([
      "1 sort-1 @/t/logs/sort-1.log | stderr>/t/logs/sort-1.log",
      "2 sort-2 @/t/logs/sort-2.log | stderr>/t/logs/sort-2.log",
    ]);
    expect(lines.length).toBe(5 + 20);
  });

  it("config parser: map and reduce with connections and logs", async () => {
    const log = { name: "stderr", path: "swift://~/log/*.log" };
    const job = [
      {
        name: "map",
        exec: PROGRAM,
        connect: ["red"],
        devices: [{ name: "stdin", path: "swift://~/in/*" }, log],
      },
      {
        name: "red",
        exec: PROGRAM,
        count: 2,
        devices: [log, { name: "stdout", path: "swift://~/out/*" }],
      },
    ];
    const objects = { "t/in": ["1", "2"] };
    expect(await pictured(job, { objects })).toEqual([
      "1 map-1 @/t/in/1 | stdin</t/in/1 stderr>/t/log/1.log",
      "2 map-2 @/t/in/2 | stdin</t/in/2 stderr>/t/log/2.log",
      "3 red-1 @/t/log/red-1.log | stderr>/t/log/red-1.log stdout>/t/out/red-1",
      "4 red-2 @/t/log/red-2.log | stderr>/t/log/red-2.log stdout>/t/out/red-2",
      "map-1:out/red-1 -> red-1:in/map-1",
      "map-1:out/red-2 -> red-2:in/map-1",
      "map-2:out/red-1 -> red-1:in/map-2",
      "map-2:out/red-2 -> red-2:in/map-2",
    ]);
  });
});

describe("9.3 wildcards", () => {
  it("single wildcard: one match still gives mapper-1; a plain stdin beside it goes to all", async () => {
    const devices = [
      { name: "stdin", path: "swift://~/c/plain" },
      { name: "input", path: "swift://~/c/*.x" },
    ];
    const job = [groupOf({ name: "mapper", devices })];
    expect(await pictured(job, { objects: { "t/c": ["1.x"] } })).toEqual([
      "1 mapper-1 @/t/c/1.x | input</t/c/1.x stdin</t/c/plain",
    ]);
  });

  it("multiple groups: each has its own", async () => {
    const group = (name: string, path: string) =>
      groupOf({ name, devices: [{ name: "stdin", path }] });
    const job = [group("a", "swift://~/c/a*"), group("b", "swift://~/c/b*")];
    expect(await pictured(job, { objects: { "t/c": ["a1", "b1", "b2"] } })).toEqual([
      "1 a-1 @/t/c/a1 | stdin</t/c/a1",
      "2 b-1 @/t/c/b1 | stdin</t/c/b1",
      "3 b-2 @/t/c/b2 | stdin</t/c/b2",
    ]);
  });

  it("account server error: the text names the account", async () => {
    const job = [groupOf({ devices: [{ name: "stdin", path: "swift://~/c*" }] })];
    expect(await pictured(job)).toEqual([
      "Error querying object server for account: t (/0/devices/0/path)",
    ]);
  });
});

describe("9.4 and 9.5", () => {
  it("9.4 X 25: the same object read twice is two channels and one transfer", async () => {
    const devices = [
      { name: "script", path: "swift://~/c/o" },
      { name: "input", path: "swift://~/c/o" },
      { name: "stdin", path: "swift://~/c/in" },
    ];
    const { plan } = await judgeText([groupOf({ devices })]);
    expect(plan?.nodes[0]).toMatchObject({
      channels: [{ device: "stdin" }, { device: "input" }, { device: "script" }],
      transfers: [{ object: "o" }],
    });
  });

  it("9.4: what has to be allowed is known before anything runs, each once", async () => {
    const job = [
      groupOf({ count: 2, devices: [{ name: "stdin", path: "swift://x/c/in" }] }),
      groupOf({ name: "m", devices: [{ name: "stdout", path: "swift://y/c/out" }] }),
    ];
    const { plan } = await judgeText(job);
    const seen = plan && accessesOf(plan).map(({ kind, item }) => `${kind} ${pathOfItem(item)}`);
    expect(seen).toEqual(["read /t/bin/p", "read /x/c/in", "write /y/c/out"]);
  });

  it("9.5: a job of 1000 nodes is planned, one of 1001 is not", async () => {
    const { plan } = await judgeText([groupOf({ count: 1000, devices: [{ name: "stdout" }] })]);
    expect(plan?.nodes.length).toBe(1000);
    const names = Array.from({ length: 1001 }, (_, at) => String(at).padStart(4, "0"));
    const job = [groupOf({ devices: [{ name: "stdin", path: "swift://~/c/*" }] })];
    const { findings } = await judgeText(job, { objects: { "t/c": names } });
    expect(findings).toMatchObject([{ rule: "too-many", status: 413 }]);
  });

  it("9.5: listings have pages, and only names behind the prefix are asked for", async () => {
    const names = Array.from({ length: 25_000 }, (_, at) => `a${String(at).padStart(5, "0")}.t`);
    const job = [groupOf({ devices: [{ name: "stdin", path: "swift://~/c/a*24999.t" }] })];
    expect(await pictured(job, { objects: { "t/c": [...names, "b24999.t"] } })).toEqual([
      "1 n-1 @/t/c/a24999.t | stdin</t/c/a24999.t",
    ]);
  });

  it("9.5: a listing that never ends is cut at the limit of names", async () => {
    const names = Array.from({ length: 200 }, (_, at) => `x${at}`);
    const job = [groupOf({ devices: [{ name: "stdin", path: "swift://~/c/*y" }] })];
    const { findings } = await judgeText(job, {
      objects: { "t/c": names },
      limits: { names: 100 },
    });
    expect(findings).toMatchObject([
      {
        rule: "too-many",
        message:
          "The job has more than 100 names for its wildcards, 100 are the most (/0/devices/0/path)",
      },
    ]);
  });
});
