import { describe, expect, it } from "vitest";
import { groupOf, judgeText, type Scene } from "../../../test/support/judge-job.ts";
import { picture } from "../../../test/support/picture-plan.ts";
import { parseJob } from "../job/index.ts";
import { planJob, STANDARD_PLAN_SETTINGS } from "./index.ts";

const swift = (path: string) => `swift://~/${path}`;

async function pictured(job: unknown, scene?: Scene): Promise<string[]> {
  const { plan, findings } = await judgeText(job, scene);
  return plan === undefined ? findings.map(({ message }) => message) : picture(plan);
}

describe("2.1 groups", () => {
  it("a group without devices is a node (X 40)", async () => {
    expect(await pictured([groupOf()])).toEqual(["1 n | "]);
  });

  it("two groups of one name are one, with the devices of both", async () => {
    const parts = [
      groupOf({ devices: [{ name: "stdin" }] }),
      groupOf({ devices: [{ name: "stdout" }] }),
    ];
    expect(await pictured(parts)).toEqual(["1 n | stdin=body stdout=response"]);
  });

  it("file_list wins over devices, and device over name", async () => {
    const devices = [{ name: "stdin" }];
    const list = [{ device: "stdout", name: "stderr" }];
    expect(await pictured([groupOf({ devices, file_list: list })])).toEqual([
      "1 n | stdout=response",
    ]);
  });

  it.each(['"2"', "0", "-1", "1.5", "false", "[]", "1e999", "1001"])(
    "count %s is refused",
    async (count) => {
      const text = `[{"name":"n","exec":{"path":"swift://~/b/p"},"count":${count}}]`;
      const { findings } = await judgeText(text);
      expect(findings).toMatchObject([{ rule: "count", path: "/0/count" }]);
    },
  );

  it.each([
    ["true", 1],
    ["1", 1],
    ["3", 3],
    ["null", 1],
    ["2.0", 2],
    ["1e1", 10],
  ])("count %s is %d nodes", async (count, width) => {
    const text = `[{"name":"n","exec":{"path":"swift://~/b/p"},"count":${count}}]`;
    const { plan } = await judgeText(text);
    expect(plan?.nodes.length).toBe(width);
  });

  it("the name of a program is that of its node, where it has no other", async () => {
    const { plan } = await judgeText([
      groupOf({ count: 2 }),
      groupOf({ name: "m", exec: { path: "swift://~/b/p", name: "argv0", args: "-l  x" } }),
    ]);
    const seen = plan?.nodes.map(({ programName, args }) => [programName, args]);
    expect(seen).toEqual([
      ["n-1", ""],
      ["n-2", ""],
      ["argv0", "-l  x"],
    ]);
  });

  it("4.3 env leaves out what is empty, null or zero, and keeps numbers as they are written", async () => {
    const text = `[{"name":"n","exec":{"path":"swift://~/b/p","env":
      {"A":"x,y","B":"","C":0,"D":null,"E":1.50,"F":0.0e9,"__proto__":"é"}}}]`;
    const { plan } = await judgeText(text);
    expect(Object.entries(plan?.nodes[0]?.env ?? {})).toEqual([
      ["A", "x,y"],
      ["E", "1.50"],
      ["__proto__", "é"],
    ]);
  });

  it.each(["a\nb", "a\u0000", "\ufffe", "a\ud800"])(
    "X 15: env value %j is refused",
    async (value) => {
      const job = [groupOf({ exec: { path: swift("b/p"), env: { K: value } } })];
      expect((await judgeText(job)).findings).toMatchObject([
        { rule: "exec-property", path: "/0/exec/env/K" },
      ]);
    },
  );

  it.each(["", "a=b", "a,b", "a\n"])("X 15: env key %j is refused", async (key) => {
    const job = [groupOf({ exec: { path: swift("b/p"), env: { [key]: "v" } } })];
    expect((await judgeText(job)).findings).toMatchObject([{ rule: "exec-property" }]);
  });

  it("X 16: names, arguments and objects are any text", async () => {
    const job = [
      groupOf({
        name: "größe",
        exec: { path: swift("bin/größe"), args: "größe 🦆" },
        devices: [{ name: "stdin", path: swift("c/🦆.txt") }],
      }),
    ];
    expect(await pictured(job)).toEqual(["1 größe @/t/c/🦆.txt | stdin</t/c/🦆.txt"]);
  });
});

describe("2.2 devices", () => {
  it("each has its type and access", async () => {
    const reading = ["stdin", "input", "script", "image"].map((name) => {
      return { name, path: swift(`c/${name}`) };
    });
    const writing = ["stdout", "stderr", "output"].map((name) => ({
      name,
      path: swift(`d/${name}`),
    }));
    const others = [{ name: "py" }, { name: "debug", path: "udp://host:53" }, { name: "db" }];
    const { plan } = await judgeText([groupOf({ devices: [...reading, ...writing, ...others] })], {
      settings: { debugTargets: ["host:53"] },
    });
    const seen = plan?.nodes[0]?.channels.map((channel) => {
      const access = "access" in channel ? `/${channel.access}` : "";
      return `${channel.device} ${channel.type} ${channel.kind}${access}`;
    });
    expect(seen).toEqual([
      "script 3 input/read",
      "input 3 input/read",
      "stdin 0 input/read",
      "image 3 input/overlay",
      "stdout 0 stored",
      "stderr 0 stored",
      "output 3 stored",
      "py 3 system-image",
      "debug 0 socket",
    ]);
  });

  it("content types and sizes have their defaults", async () => {
    const devices = [
      { name: "stdout", path: swift("c/o") },
      { name: "stderr" },
      { name: "output", path: swift("c/p"), content_type: "a/b", min_size: 7, meta: { k: "v" } },
    ];
    const { plan } = await judgeText([groupOf({ devices })]);
    expect(plan?.nodes[0]?.channels).toMatchObject([
      { contentType: "application/octet-stream", minSizeBytes: 0, meta: {}, mode: "file" },
      { contentType: "text/html" },
      { contentType: "a/b", minSizeBytes: 7, meta: { k: "v" } },
    ]);
  });

  it("X 11: a multipart answer holds several responses", async () => {
    const job = [groupOf({ devices: [{ name: "stdout" }, { name: "stderr" }] })];
    expect(await pictured(job, { settings: { isMultipart: true } })).toEqual([
      "1 n | stdout=response stderr=response",
    ]);
  });

  it("X 43: only stdout and stderr can be the response", async () => {
    expect(await pictured([groupOf({ devices: [{ name: "xstdout" }, { name: "i" }] })])).toEqual([
      'Could not resolve channel path "" for device: xstdout (/0/devices/0)',
      'Could not resolve channel path "" for device: i (/0/devices/1)',
    ]);
  });
});

describe("2.3 URLs", () => {
  it("~ and . are the account of the request, and nothing is decoded", async () => {
    const devices = ["swift://~/c/a%20b", "swift://./c/x/y", "swift://other/c/o"].map(
      (path, at) => {
        return { name: ["stdin", "input", "script"][at], path };
      },
    );
    expect(await pictured([groupOf({ devices })])).toEqual([
      "1 n @/t/c/x/y | script</other/c/o input</t/c/x/y stdin</t/c/a%20b",
    ]);
  });

  it.each([
    ["swift://~/c/../o", "path"],
    ["swift://~/c/./o", "path"],
    ["swift://~/../o", "path"],
    ["swift://../c/o", "path"],
    ["swift://~/c/a\u0000b", "path"],
    ["swift://~/c/a\nb", "path"],
    [`swift://~/c/${"o".repeat(1025)}`, "path"],
    [`swift://~/${"c".repeat(257)}/o`, "path"],
    ["swift:///c/o", "path-parts"],
    ["swift://~//o", "path-parts"],
    ["zvm://m:stdin", "readable-path"],
    ["cache://e/a/c/o", "readable-path"],
  ])("%j is refused as %s", async (path, rule) => {
    const { findings } = await judgeText([groupOf({ devices: [{ name: "stdin", path }] })]);
    expect(findings).toMatchObject([{ rule, path: "/0/devices/0/path" }]);
  });

  it("a program is an object, a file of an image, or refused", async () => {
    const programs = ["swift://~/b/p", "file://py:bin/x:y", "file://boot"];
    const job = programs.map((path, at) => groupOf({ name: `n${at}`, exec: { path } }));
    const { plan } = await judgeText(job, { settings: { hasPostedImage: true } });
    expect(plan?.nodes.map(({ program }) => program)).toMatchObject([
      { kind: "object", item: { account: "t", container: "b", object: "p" } },
      { kind: "image-file", image: "py", path: "bin/x:y" },
      { kind: "image-file", image: "image", path: "boot" },
    ]);
  });
});

describe("2.4 wildcards", () => {
  const objects = {
    "t/logs": ["2014-05/part7", "2014-06/part1", "2014-06/", "2015-01/part2"],
    "t/log2": ["2014-05/part9"],
    "t/out": [],
  };

  it("a star is anything, slashes too, and is anchored at both ends (X 20)", async () => {
    const reading = (path: string) => [
      groupOf({ devices: [{ name: "stdin", path: swift(path) }] }),
    ];
    const scene = { objects: { "t/c": ["a.txt", "a.txt.bak", "b/c.txt", "d/", "xa.txt"] } };
    expect(await pictured(reading("c/*.txt"), scene)).toEqual([
      "1 n-1 @/t/c/a.txt | stdin</t/c/a.txt",
      "2 n-2 @/t/c/b/c.txt | stdin</t/c/b/c.txt",
      "3 n-3 @/t/c/xa.txt | stdin</t/c/xa.txt",
    ]);
    const open = { ...scene, settings: { hasOpenWildcards: true } };
    expect((await pictured(reading("c/a*.txt"), open)).length).toBe(2);
    expect((await pictured(reading("c/a*.txt"), scene)).length).toBe(1);
  });

  it("captured groups go into the stars of outputs, from left to right", async () => {
    const devices = [
      { name: "input", path: swift("logs/2014-*/part*") },
      { name: "stdout", path: swift("out/*-*.txt") },
    ];
    expect(await pictured([groupOf({ devices })], { objects })).toEqual([
      "1 n-1 @/t/logs/2014-05/part7 | input</t/logs/2014-05/part7 stdout>/t/out/05-7.txt",
      "2 n-2 @/t/logs/2014-06/part1 | input</t/logs/2014-06/part1 stdout>/t/out/06-1.txt",
    ]);
  });

  it("containers come first, in the order of the account, and a star may go over the slash", async () => {
    const devices = [
      { name: "input", path: swift("log*/2014-05/*") },
      { name: "stdout", path: swift("out/*/*") },
    ];
    expect(await pictured([groupOf({ devices })], { objects })).toEqual([
      "1 n-1 @/t/log2/2014-05/part9 | input</t/log2/2014-05/part9 stdout>/t/out/2/part9",
      "2 n-2 @/t/logs/2014-05/part7 | input</t/logs/2014-05/part7 stdout>/t/out/s/part7",
    ]);
  });

  it("without an object the containers themselves are read", async () => {
    const devices = [{ name: "input", path: swift("log*") }];
    expect(await pictured([groupOf({ devices })], { objects })).toEqual([
      "1 n-1 @/t/log2 | input</t/log2",
      "2 n-2 @/t/logs | input</t/logs",
    ]);
  });

  it("one match is node number 1, whatever the count says", async () => {
    const devices = [
      { name: "input", path: swift("log2/*") },
      { name: "stdout", path: swift("out/one") },
    ];
    expect(await pictured([groupOf({ count: 9, devices })], { objects })).toEqual([
      "1 n-1 @/t/log2/2014-05/part9 | input</t/log2/2014-05/part9 stdout>/t/out/one",
    ]);
  });

  it("without wildcards in the input a star is the name of the node", async () => {
    const devices = [{ name: "stdout", path: swift("res/*/r.*") }];
    expect(await pictured([groupOf({ name: "w", count: 2, devices })])).toEqual([
      "1 w-1 @/t/res/w-1/r.w-1 | stdout>/t/res/w-1/r.w-1",
      "2 w-2 @/t/res/w-2/r.w-2 | stdout>/t/res/w-2/r.w-2",
    ]);
    expect(await pictured([groupOf({ name: "w", devices })])).toEqual([
      "1 w @/t/res/w/r.w | stdout>/t/res/w/r.w",
    ]);
  });

  it("X 22: several wildcards that find equally many go together; the first fills outputs", async () => {
    const devices = [
      { name: "stdin", path: swift("c/*.a") },
      { name: "input", path: swift("d/*.b") },
      { name: "stdout", path: swift("out/*") },
    ];
    const scene = { objects: { "t/c": ["1.a", "2.a"], "t/d": ["8.b", "9.b"] } };
    expect(await pictured([groupOf({ devices })], scene)).toEqual([
      "1 n-1 @/t/d/8.b | input</t/d/8.b stdin</t/c/1.a stdout>/t/out/1",
      "2 n-2 @/t/d/9.b | input</t/d/9.b stdin</t/c/2.a stdout>/t/out/2",
    ]);
  });

  it.each([0, 1])(
    "X 23: every node gets what has no wildcard, declared before or after (%d)",
    async (at) => {
      const devices = [{ name: "input", path: swift("logs/2014*") }];
      devices.splice(at, 0, { name: "stdin", path: swift("c/plain") });
      const { plan } = await judgeText([groupOf({ devices })], { objects });
      expect(plan?.nodes.map(({ name }) => name)).toEqual(["n-1", "n-2"]);
      for (const { channels } of plan?.nodes ?? []) expect(channels.length).toBe(2);
    },
  );

  it("refuses an output that a name in the store would lead elsewhere", async () => {
    const devices = [
      { name: "input", path: swift("c/.*.") },
      { name: "stdout", path: swift("out/x/.*") },
    ];
    const { findings } = await judgeText([groupOf({ devices })], {
      objects: { "t/c": [".a/...", "..."] },
    });
    expect(findings).toMatchObject([{ rule: "path", path: "/0/devices/1/path" }]);
  });
});

describe("2.5 order of channels", () => {
  it("readable ones from the last to the first, image, written ones, others, posted image", async () => {
    const devices = [
      { name: "py" },
      { name: "stdout" },
      { name: "stdin", path: swift("c/1") },
      { name: "output", path: swift("c/2") },
      { name: "input", path: swift("c/3") },
    ];
    expect(await pictured([groupOf({ devices })], { settings: { hasPostedImage: true } })).toEqual([
      "1 n @/t/c/3 | input</t/c/3 stdin</t/c/1 stdout=response output>/t/c/2 py=system-image image=posted-image",
    ]);
  });

  it("a posted image is last, declared or not", async () => {
    const devices = [{ name: "image" }, { name: "stdout" }];
    expect(await pictured([groupOf({ devices })], { settings: { hasPostedImage: true } })).toEqual([
      "1 n | stdout=response image=posted-image",
    ]);
  });

  it("ids go on from group to group, and copies have them behind all nodes", async () => {
    const { plan } = await judgeText([groupOf({ count: 2, replicate: 3 }), groupOf({ name: "m" })]);
    expect(plan?.nodes.map(({ id, instances }) => [id, instances])).toEqual([
      [1, [1, 4, 7]],
      [2, [2, 5, 8]],
      [3, [3]],
    ]);
  });
});

describe("2.6 connections", () => {
  const g = groupOf({ name: "g" });

  it("connect goes from every node of the group to every node of the other", async () => {
    const job = [groupOf({ count: 2, connect: ["g"] }), { ...g, count: 2 }];
    expect((await pictured(job)).slice(4)).toEqual([
      "n-1:out/g-1 -> g-1:in/n-1",
      "n-1:out/g-2 -> g-2:in/n-1",
      "n-2:out/g-1 -> g-1:in/n-2",
      "n-2:out/g-2 -> g-2:in/n-2",
    ]);
  });

  it("a group that connects to itself connects each node to every other", async () => {
    expect((await pictured([groupOf({ count: 3, connect: ["n"] })])).slice(3)).toEqual([
      "n-1:out/n-2 -> n-2:in/n-1",
      "n-1:out/n-3 -> n-3:in/n-1",
      "n-2:out/n-1 -> n-1:in/n-2",
      "n-2:out/n-3 -> n-3:in/n-2",
      "n-3:out/n-1 -> n-1:in/n-3",
      "n-3:out/n-2 -> n-2:in/n-3",
    ]);
  });

  it("one node can be named, and a name that comes twice is one connection", async () => {
    const job = [groupOf({ connect: ["g-2", "g-2"] }), { ...g, count: 2 }];
    expect((await pictured(job)).slice(3)).toEqual(["n:out/g-2 -> g-2:in/n"]);
  });

  it("cycles are allowed", async () => {
    const job = [groupOf({ connect: ["g"] }), { ...g, connect: ["n"] }];
    expect((await pictured(job)).slice(2)).toEqual(["n:out/g -> g:in/n", "g:out/n -> n:in/g"]);
  });

  it("a zvm device is the end that writes, and is called as its URL says on the other side", async () => {
    const devices = [{ name: "stdout", path: "zvm://g:/dev/stdin" }];
    expect(await pictured([groupOf({ devices }), g])).toEqual([
      "1 n | ",
      "2 g | ",
      "n:stdout -> g:stdin",
    ]);
  });

  it("X 24: connect and zvm devices are joined", async () => {
    const devices = [{ name: "stdout", path: "zvm://h:stdin" }];
    const job = [groupOf({ devices, connect: ["g", "h"] }), g, groupOf({ name: "h" })];
    expect((await pictured(job)).slice(3)).toEqual(["n:out/g -> g:in/n", "n:stdout -> h:stdin"]);
  });

  it("the last of two zvm devices for one group wins, and the other is warned about", async () => {
    const devices = [
      { name: "stdout", path: "zvm://g:stdin" },
      { name: "stderr", path: "zvm://g:input" },
    ];
    const { plan, findings } = await judgeText([groupOf({ devices }), g]);
    expect(picture(plan).slice(2)).toEqual(["n:stderr -> g:input"]);
    const hint = "stderr leads to g too, and of several devices the last one counts";
    expect(findings).toMatchObject([{ rule: "device-idle", path: "/0/devices/0", hint }]);
  });

  it("a star in the device of a zvm URL is what the other node's wildcard took", async () => {
    const devices = [{ name: "stdout", path: "zvm://g:in-*" }];
    const job = [
      groupOf({ devices }),
      { ...g, devices: [{ name: "stdin", path: swift("c/*.x") }] },
    ];
    const objects = { "t/c": ["5.x"] };
    expect((await pictured(job, { objects })).slice(2)).toEqual(["n:stdout -> g-1:in-5"]);
  });

  it("two ends of one name in a node are refused", async () => {
    const devices = [{ name: "stdout", path: "zvm://g:stdin" }];
    const clash = "Device stdin is declared twice in g (/0/devices/0/path)";
    expect(await pictured([groupOf({ devices, count: 2 }), g])).toEqual([
      "Device stdin of g has two writers, n-1 and n-2 (/0/devices/0/path)",
    ]);
    expect(await pictured([groupOf({ devices }), { ...g, devices: [{ name: "stdin" }] }])).toEqual([
      clash,
    ]);
    expect(await pictured([groupOf({ devices }), { ...g, count: 2 }])).toEqual([
      "Device stdout of n leads to g, which has 2 nodes, and one device cannot lead to several " +
        "(/0/devices/0/path)",
    ]);
    const { findings } = await judgeText([groupOf({ devices }), { ...g, count: 3 }]);
    expect(findings[0]?.hint).toMatch(/^name one of them, such as zvm:\/\/g-1:stdin, .*connect/);
  });

  it("two groups that write to one device are both named", async () => {
    const devices = [{ name: "stdout", path: "zvm://g:stdin" }];
    const job = [groupOf({ name: "a", devices }), groupOf({ name: "b", devices }), g];
    expect(await pictured(job)).toEqual([
      "Device stdin of g has two writers, a and b (/1/devices/0/path)",
    ]);
  });

  it("what is connected has names that a channel can have", async () => {
    const named = [groupOf({ name: "a#", connect: ["g"] }), g];
    expect(await pictured(named)).toEqual([
      "a# cannot be connected: the name of its channel, /dev/in/a#, has a # (/0)",
    ]);
    const devices = [{ name: "stdout", path: "zvm://g:in,put" }];
    expect(await pictured([groupOf({ devices }), g])).toEqual([
      "in,put cannot be connected: the name of its channel, /dev/in,put, has a comma " +
        "(/0/devices/0/path)",
    ]);
    expect(await pictured([groupOf({ name: "a, b" })])).toEqual(["1 a, b | "]);
  });

  it("X 47: only nodes with connections are of the pool for clusters", async () => {
    const { plan } = await judgeText([groupOf({ connect: ["g"] }), g, groupOf({ name: "h" })]);
    expect(plan?.nodes.map(({ pool }) => pool)).toEqual(["cluster", "cluster", "default"]);
  });
});

describe("listings", () => {
  it("X 21: what may not be listed is refused with 403", async () => {
    const devices = [{ name: "stdin", path: swift("c/*") }];
    const { job } = parseJob(JSON.stringify([groupOf({ devices })]));
    const denied = { list: async () => ({ refusal: "denied" }) as const };
    const settings = { ...STANDARD_PLAN_SETTINGS, account: "t" };
    const { findings } = await planJob(job ?? { groups: [] }, denied, settings);
    expect(findings).toMatchObject([
      {
        rule: "list-denied",
        status: 403,
        message: "May not list /t/c for swift://~/c/* (/0/devices/0/path)",
      },
    ]);
  });
});
