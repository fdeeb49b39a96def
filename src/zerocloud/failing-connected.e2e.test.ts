import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import {
  EXCHANGING_GUEST,
  earlyGuest,
  POURING_GUEST,
  swappingGuest,
} from "../../test/support/connected-guests.ts";
import { COPYING_GUEST, LOOPING_GUEST, writingGuest } from "../../test/support/guests.ts";
import { group, putFiles } from "../../test/support/job-folder.ts";
import { type Answered, runGroups, traceHashOf } from "../../test/support/job-runs.ts";
import { childProcesses, openDescriptors, openedSince } from "../../test/support/sessions.ts";
import { temporaryFolders } from "../../test/support/temporary-folder.ts";
import type { FolderRunOptions } from "./run-on-folders.ts";

const newFolder = temporaryFolders();
const before = openDescriptors();

afterEach(async () => {
  await expect.poll(() => openedSince(before)).toEqual([]);
  await expect.poll(childProcesses).toEqual([]);
});

function store(): string {
  const folder = newFolder();
  putFiles(folder, {
    "bin/cat": COPYING_GUEST,
    "bin/early": earlyGuest(""),
    "bin/exchange": EXCHANGING_GUEST,
    "bin/fault": earlyGuest("(unreachable)"),
    "bin/hello": writingGuest("hello"),
    "bin/loop": LOOPING_GUEST,
    "bin/pour": POURING_GUEST,
    "bin/swap": swappingGuest(),
    "bin/text": "no program",
    "in/data": "x".repeat(1_000_000),
    "out/x": "",
  });
  return folder;
}

const outputs = (folder: string) => readdirSync(join(folder, "out"));
const told = (instances: readonly Answered[]) =>
  instances.map(({ name, state, status }) => `${name} ${state} ${status}`);

/** `first` to `middle` to `last`, which all store something besides. */
function chain(middle: string, first = "cat", last = "cat") {
  const stored = (name: string) => ({ name: "stderr", path: `swift://~/out/${name}` });
  const next = (name: string) => ({ name: "stdout", path: `zvm://${name}:stdin` });
  const input = { name: "stdin", path: "swift://~/in/data" };
  return [
    group({
      name: "first",
      program: `bin/${first}`,
      devices: [input, next("middle"), stored("1")],
    }),
    group({ name: "middle", program: `bin/${middle}`, devices: [next("last"), stored("2")] }),
    group({
      name: "last",
      program: `bin/${last}`,
      devices: [{ name: "stdout", path: "swift://~/out/3" }],
    }),
  ];
}

async function run(
  folder: string,
  groups: readonly unknown[],
  options?: Partial<FolderRunOptions>,
) {
  const startMs = performance.now();
  const instances = await runGroups(folder, groups, options);
  return { instances, ms: performance.now() - startMs };
}

describe("a connected node that fails", () => {
  test.each([
    ["faults", "fault", /^The program was ended: Signal 4/],
    ["is no program", "text", /is no program of a known kind/],
  ])("%s: it is named, the others end, and nothing is stored", async (_, middle, error) => {
    const folder = store();
    const { instances } = await run(folder, chain(middle), { timeoutSeconds: 60 });
    expect(told(instances)).toEqual([
      "first cancelled 424",
      "middle failed 500",
      "last cancelled 424",
    ]);
    expect(instances[1]?.error).toMatch(error);
    expect(outputs(folder)).toEqual(["x"]);
  });

  test("takes too long: it is named, and not the one that waits for it, and nothing is stored", async () => {
    const folder = store();
    const slow = [
      { name: "stdout", path: "zvm://last:stdin" },
      { name: "stderr", path: "swift://~/out/1" },
    ];
    const groups = [
      group({ name: "first", program: "bin/loop", devices: slow }),
      group({ name: "last", program: "bin/cat" }),
      group({ name: "alone", program: "bin/hello" }),
    ];
    const { instances } = await run(folder, groups, { timeoutSeconds: 2 });
    const [first, last, alone] = instances;
    expect(first).toMatchObject({ state: "failed", status: 500 });
    expect(first?.bodies).toEqual([
      "ERROR OBJ.QUERY retcode=Timed out,  zerovm_stdout=session timeout",
    ]);
    expect(last?.state).toBe("cancelled");
    expect(last?.error).toMatch(/^Nothing of it is kept: node first failed first/);
    expect(alone).toMatchObject({ state: "ran", bodies: ["hello"] });
    expect(outputs(folder)).toEqual(["x"]);
  });

  test("is killed: one is named, the others end at once, and nothing is stored", async () => {
    const folder = store();
    const running = run(folder, chain("cat", "loop"), { timeoutSeconds: 60 });
    await expect.poll(() => childProcesses().length, { timeout: 20_000 }).toBe(3);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    process.kill(Number(childProcesses()[1]), "SIGKILL");
    const { instances } = await running;
    expect(instances.map(({ state }) => state).sort()).toEqual([
      "cancelled",
      "cancelled",
      "failed",
    ]);
    const failed = instances.find(({ state }) => state === "failed");
    expect(failed).toMatchObject({ status: 500, report: { outcome: { cause: "cell" } } });
    expect(outputs(folder)).toEqual(["x"]);
  }, 60_000);

  test("waits for an end that never comes is named, with its channel", async () => {
    const folder = store();
    const more = { count: 2, connect: ["n"] };
    const groups = [group({ name: "n", program: "bin/exchange", more })];
    const { instances } = await run(folder, groups, { timeoutSeconds: 2 });
    const failed = instances.filter(({ state }) => state === "failed");
    expect(failed.length).toBeGreaterThan(0);
    for (const { name, error } of failed) {
      const other = name === "n-1" ? "n-2" : "n-1";
      expect(error).toMatch(new RegExp(`Timed out, .*; it waited for /dev/in/${other}$`));
    }
  });

  test("at the end of others makes what they wrote worth nothing", async () => {
    const folder = store();
    const groups = [
      group({
        name: "first",
        program: "bin/hello",
        devices: [
          { name: "stdout", path: "zvm://last:stdin" },
          { name: "stderr", path: "swift://~/out/1" },
        ],
      }),
      group({ name: "last", program: "bin/fault" }),
    ];
    const { instances } = await run(folder, groups);
    expect(instances[1]).toMatchObject({ state: "failed", status: 500 });
    expect(instances[0]?.stored).toEqual([]);
    expect(outputs(folder)).toEqual(["x"]);
  });

  test("is told with those that it broke, where the job goes on", async () => {
    const folder = store();
    const groups = [
      ...chain("fault"),
      group({ name: "n", program: "bin/swap", more: { count: 2, connect: ["n"] } }),
    ];
    const { instances } = await run(folder, groups, { onFailure: "continue" });
    expect(told(instances)).toEqual([
      "first failed 500",
      "middle failed 500",
      "last failed 500",
      "n-1 ran 200",
      "n-2 ran 200",
    ]);
    expect(instances[0]?.error).toContain("lost node middle: it faulted: unreachable");
    expect(instances[2]?.error).toContain("lost node middle: it faulted: unreachable");
    expect(outputs(folder)).toEqual(["x"]);
  });
});

describe("connected nodes", () => {
  test("may end before all is read", async () => {
    const folder = store();
    const { instances } = await run(folder, chain("early"));
    expect(told(instances)).toEqual(["first ran 200", "middle ran 200", "last ran 200"]);
    expect(outputs(folder)).toEqual(["1", "2", "3", "x"]);
  });

  test("are not begun where one of them is refused", async () => {
    const folder = store();
    const events: string[] = [];
    const { instances } = await run(folder, chain("none"), {
      onProgress: ({ kind }) => events.push(kind),
    });
    expect(told(instances)).toEqual([
      "first skipped 424",
      "middle refused 404",
      "last skipped 424",
    ]);
    expect([events, outputs(folder)]).toEqual([[], ["x"]]);
  });

  test("are ended in order by who asked for them, and store nothing", async () => {
    const folder = store();
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 3000);
    const options = { signal: controller.signal, timeoutSeconds: 60 };
    const { instances, ms } = await run(folder, chain("cat", "pour"), options);
    expect(ms).toBeLessThan(15_000);
    expect(new Set(instances.map(({ status }) => status))).toEqual(new Set([499]));
    expect(outputs(folder)).toEqual(["x"]);
  });

  test.each([2, 3])(
    "have %d copies, which agree upon what they are told",
    async (replicate) => {
      const folder = store();
      const groups = chain("cat").map((one) => ({ ...one, replicate }));
      const { instances } = await run(folder, groups, { timeoutSeconds: 60 });
      expect(told(instances)).toEqual(
        ["first", "middle", "last"].flatMap((name) => Array(replicate).fill(`${name} ran 200`)),
      );
      for (const [at, instance] of instances.entries()) {
        const itself = instances[at - (at % replicate)];
        expect(traceHashOf(instance)).toBe(itself === undefined ? "" : traceHashOf(itself));
        expect(instance.stored.length).toBe(at % replicate === 0 ? 1 : 0);
        const device = instance.name === "last" ? "stdout" : "stderr";
        expect(instance.etags.map((etag) => etag.device)).toEqual([device]);
      }
      expect(outputs(folder)).toEqual(["1", "2", "3", "x"]);
    },
    60_000,
  );

  test("in a circle have copies too", async () => {
    const more = { count: 3, connect: ["n"], replicate: 2 };
    const { instances } = await run(store(), [group({ name: "n", program: "bin/swap", more })]);
    const answers = instances.map(({ bodies }) => bodies.join());
    expect(answers).toEqual(["n-2;;n-3;;", "", "n-1;;n-3;;", "", "n-1;;n-2;;", ""]);
  });
});
