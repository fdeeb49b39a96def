import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  COPYING_GUEST,
  exitingGuest,
  guestOf,
  LOOPING_GUEST,
  writingGuest,
} from "../../test/support/guests.ts";
import { group, putFiles } from "../../test/support/job-folder.ts";
import { runGroups } from "../../test/support/job-runs.ts";
import { openDescriptors, openedSince } from "../../test/support/sessions.ts";
import { temporaryFolders } from "../../test/support/temporary-folder.ts";

const newFolder = temporaryFolders();

function store(): string {
  const folder = newFolder();
  putFiles(folder, {
    "bin/cat": COPYING_GUEST,
    "bin/hello": writingGuest("hello"),
    "bin/loop": LOOPING_GUEST,
    "bin/exit": exitingGuest(7),
    "bin/fault": guestOf("(unreachable)"),
    "bin/text": "no program",
    "out/x": "",
  });
  return folder;
}

const toOut = (object: string) => [{ name: "stdout", path: `swift://~/out/${object}` }];

describe("a job that cannot begin", () => {
  test.each([
    [
      group({ program: "bin/none" }),
      { status: 404, error: "Error 404 Not Found while fetching /~/bin/none" },
    ],
    [
      group({ program: "bin/cat", devices: [{ name: "stdin", path: "swift://~/out/none" }] }),
      { status: 404, error: "Error 404 Not Found while fetching /~/out/none" },
    ],
    [
      group({ program: "bin/cat", devices: [{ name: "input", path: "swift://~/none" }] }),
      { status: 404, error: "Error while fetching /~/none" },
    ],
    [
      group({ program: "bin/hello", devices: [{ name: "stdout", path: "swift://~/none/o" }] }),
      {
        status: 404,
        error: "Status 404 Not Found when putting /~/none/o; there is no container none",
      },
    ],
    [
      group({ program: "bin/hello", devices: [{ name: "stdout", path: "swift://~/out/x/y" }] }),
      { status: 409, error: "Status 409 Conflict when putting /~/out/x/y" },
    ],
    [
      group({ program: "bin/hello", devices: [{ name: "debug", path: "tcp://127.0.0.1:9" }] }),
      { status: 501, error: "Sockets are not served: node n has the device debug" },
    ],
  ])("%# is refused with its status and text, and nothing runs", async (refused, expected) => {
    const folder = store();
    const events: string[] = [];
    const groups = [group({ name: "first", program: "bin/hello", devices: toOut("o") }), refused];
    const before = openDescriptors();
    const instances = await runGroups(folder, groups, {
      onProgress: ({ kind }) => events.push(kind),
    });
    const { status, error } = expected;
    const [first, second, ...more] = instances;
    expect(first).toMatchObject({ state: "skipped", bodies: [] });
    expect(second).toMatchObject({ state: "refused", status, error, bodies: [error] });
    expect(more.every(({ state }) => state === "skipped")).toBe(true);
    expect(events).toEqual([]);
    expect(existsSync(join(folder, "out/o"))).toBe(false);
    await expect.poll(() => openedSince(before)).toEqual([]);
  });
});

describe("a node that fails", () => {
  test("one that takes too long ends the job, unless it is to go on", async () => {
    const folder = store();
    const groups = [
      group({ name: "a", program: "bin/loop", devices: toOut("a") }),
      group({ name: "b", program: "bin/hello", devices: toOut("b") }),
    ];
    const options = { timeoutSeconds: 0.3, concurrency: 1 };
    const before = openDescriptors();
    const failed = {
      state: "failed",
      status: 500,
      statusText: "ZeroVM runtime error",
      bodies: ["ERROR OBJ.QUERY retcode=Timed out,  zerovm_stdout=session timeout"],
      stored: [],
    };
    const ended = await runGroups(folder, groups, options);
    expect(ended).toMatchObject([failed, { status: 424, bodies: [], stored: [] }]);
    // The place was free before the job was ended: it may have begun.
    expect(ended[1]?.state).toMatch(/^(skipped|cancelled)$/);
    expect(ended[1]?.error).toMatch(/: node a failed first/);
    expect(readdirSync(join(folder, "out"))).toEqual(["x"]);
    const continued = await runGroups(folder, groups, { ...options, onFailure: "continue" });
    expect(continued).toMatchObject([failed, { state: "ran", status: 200 }]);
    expect(readdirSync(join(folder, "out"))).toEqual(["b", "x"]);
    await expect.poll(() => openedSince(before)).toEqual([]);
  });

  test("an exit code is no failure; a fault is one, and what was written counts", async () => {
    const groups = [
      group({ name: "a", program: "bin/exit" }),
      group({ name: "b", program: "bin/fault", devices: toOut("b") }),
    ];
    const folder = store();
    const [exited, faulted] = await runGroups(folder, groups);
    expect(exited).toMatchObject({ state: "ran", status: 200, statusText: "ok.", exitCode: 7 });
    expect(faulted).toMatchObject({
      state: "ran",
      status: 500,
      error: "bad return code",
      stored: [{ device: "stdout" }],
    });
    expect(faulted?.statusText).toMatch(/^Signal 4 from untrusted code/);
    expect(existsSync(join(folder, "out/b"))).toBe(true);
  });

  test("what is no program is told by its report", async () => {
    const [instance] = await runGroups(store(), [group({ program: "bin/text" })]);
    const reason = "swift://~/bin/text is no program of a known kind";
    const error = `bad return code: ${reason}`;
    expect(instance).toMatchObject({ state: "ran", status: 500, error });
    expect(instance?.bodies.join("")).toContain(reason);
    expect(JSON.stringify(instance?.report)).toContain("swift://~/bin/text");
    expect(JSON.stringify(instance?.report)).not.toContain("/proc/");
  });
});

describe("a job that is cancelled", () => {
  test("ends what runs, begins nothing more and stores nothing", async () => {
    const folder = store();
    const groups = ["a", "b"].map((name) =>
      group({ name, program: "bin/loop", devices: toOut(name) }),
    );
    const controller = new AbortController();
    const before = openDescriptors();
    const instances = await runGroups(folder, groups, {
      signal: controller.signal,
      concurrency: 1,
      onProgress: ({ kind }) => {
        if (kind === "started") setTimeout(() => controller.abort(), 500);
      },
    });
    expect(instances).toMatchObject([
      { state: "failed", status: 499 },
      { state: "skipped", status: 499 },
    ]);
    expect(readdirSync(join(folder, "out"))).toEqual(["x"]);
    await expect.poll(() => openedSince(before)).toEqual([]);
  });
});
