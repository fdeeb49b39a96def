import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import type { Report, RunResult } from "../../src/index.ts";
import { Judge } from "./judge.ts";
import type { Kind } from "./kind.ts";

const hello = new TextEncoder().encode("hello");
const kind: Kind = {
  name: "hello",
  weight: 1,
  modes: ["pool"],
  program: "",
  expected: {
    outcome: { kind: "exited", code: 0 },
    exitStatus: 0,
    stdout: hello,
    account: { "/dev/stdout": [1, 5] },
    hits: [],
    isExact: true,
  },
};

const report = {
  outcome: { kind: "exited", code: 0 },
  exitStatus: 0,
  channels: [{ alias: "/dev/stdout", puts: 1, putBytes: 5 }],
  etags: [{ alias: "/dev/stdout", hex: createHash("sha256").update(hello).digest("hex") }],
  hits: [],
  memory: { linearBytes: 65_536 },
  traceHash: "abc",
  walls: ["seccomp"],
  isolation: "full",
};

function faultsOf(changes: object, stdout = hello): string[] {
  const judge = new Judge();
  const result = (changed: object) =>
    ({
      report: { ...report, ...changed } as unknown as Report,
      stdout,
      stderr: hello,
    }) as RunResult;
  expect(judge.judge(kind, "pool", { ...result({}), stdout: hello })).toEqual([]);
  return judge.judge(kind, "pool", result(changes));
}

it("finds nothing wrong with the same session again", () => {
  expect(faultsOf({ times: { wallMs: 1 } })).toEqual([]);
});

it.each([
  [{ outcome: { kind: "lost" } }, /the outcome is {"kind":"lost"}/],
  [{ exitStatus: 1 }, /the exit status is 1, not 0/],
  [{ etags: [] }, /the etag of stdout is undefined/],
  [{ channels: [] }, /has \[null,null\] calls and bytes/],
  [{ hits: [{ limit: "memory" }] }, /\["memory"\] were hit/],
  [{ walls: [] }, /the walls were \[\]/],
  [{ isolation: "none" }, /isolation none/],
  [{ traceHash: "abd" }, /traceHash is "abd", and was "abc" the first time/],
  [{ memory: { linearBytes: 0 } }, /linearBytes is 0/],
  [{ warnings: ["one"] }, /warnings is \["one"\]/],
])("finds what is wrong with %j", (changes, says) => {
  expect(faultsOf(changes).join("\n")).toMatch(says);
});

it("finds other bytes than the guest wrote", () => {
  expect(faultsOf({}, new Uint8Array(5)).join()).toMatch(/stdout has 5 bytes, other ones/);
});
