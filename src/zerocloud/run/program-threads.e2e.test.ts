import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { assembledNexe } from "../../../test/support/assembled-nexe.ts";
import { craftedTar } from "../../../test/support/crafted-tar.ts";
import { invalidCodeGuest, writingGuest } from "../../../test/support/guests.ts";
import { writingNexe } from "../../../test/support/nexe-text.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { JobImage } from "./job-image.ts";
import { closeMade, makeProgram } from "./make-program.ts";
import { sessionBase } from "./node-manifest.ts";
import type { ProgramTurn } from "./program-door.ts";
import { ProgramThreads } from "./program-threads.ts";

const newFolder = temporaryFolders();
const { manifest } = sessionBase({ id: 1 }, { memoryBytes: 2 ** 24 });
let threads: ProgramThreads;

beforeEach(() => {
  // What was judged before would be found again.
  vi.stubEnv("ZEROVM_CACHE", newFolder());
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await threads.close();
});

function manifestOf(bytes: Uint8Array | string) {
  const program = join(newFolder(), "program");
  writeFileSync(program, bytes);
  return { ...manifest, program };
}

/** Instructions that take a while to be judged. */
function slowNexe(count: number): Uint8Array {
  const lines = Array.from({ length: count }, (_, at) => `movl $${at}, %eax\nimull $3, %eax, %ecx`);
  return assembledNexe(writingNexe(lines.join("\n"), 2));
}

function openCount(): number {
  return readdirSync("/proc/self/fd").length;
}

describe("a thread makes of a program what this thread would", () => {
  test.each([
    ["a module", writingGuest("hi")],
    ["a nexe", assembledNexe(writingNexe("movl $0x6b6f, out(%rip)", 2))],
    ["invalid code", invalidCodeGuest()],
    ["no program", "text"],
  ])("%s", async (_, bytes) => {
    threads = new ProgramThreads();
    const asked = manifestOf(bytes);
    const [made, own] = [await threads.make(asked), await makeProgram(asked)];
    const facts = ({ verdict, module }: typeof made) => {
      const shape = verdict.kind === "accepted" ? verdict.program.shape : verdict.findings;
      return [verdict.kind, shape, module?.sizeBytes];
    };
    expect(facts(made)).toEqual(facts(own));
    closeMade(made);
    closeMade(own);
  });
});

test("an image is what it is where this thread reads its headers", async () => {
  threads = new ProgramThreads();
  const path = join(newFolder(), "i.tar");
  const members = Array.from({ length: 50 }, (_, at) => ({ name: `d/f${at}`, contents: `${at}` }));
  writeFileSync(path, craftedTar([...members, { name: "d/l", type: "2", link: "f1" }]));
  const index: typeof threads.index = (...asked) => threads.index(...asked);
  const [image, own] = [await JobImage.open(path, { index }), await JobImage.open(path)];
  expect(image.mounted.members.list()).toEqual(own.mounted.members.list());
  expect(image.file("d/l")).toMatchObject({ sizeBytes: 1 });
  for (const one of [image, own]) one.close();
  const many = JobImage.open(path, { index, membersMax: 10 });
  await expect(many).rejects.toMatchObject({ code: "ZVM_TAR" });
  writeFileSync(path, "no archive".repeat(100));
  await expect(JobImage.open(path, { index })).rejects.toMatchObject({ code: "ZVM_TAR" });
});

test("others are answered while a program is judged, and nothing is left open", async () => {
  threads = new ProgramThreads();
  closeMade(await threads.make(manifestOf(writingGuest("hi"))));
  const before = openCount();
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  closeMade(await threads.make(manifestOf(slowNexe(2000))));
  clearInterval(timer);
  expect(turns).toBeGreaterThan(5);
  await expect.poll(openCount).toBeLessThanOrEqual(before);
});

test("what takes longer than it may is ended, and the next one is made", async () => {
  threads = new ProgramThreads({ makingMsOf: () => 1 });
  const late = threads.make(manifestOf(slowNexe(1000)));
  await expect(late).rejects.toMatchObject({
    status: 413,
    message: "Program takes more than 0.001 s to be judged",
  });
  threads = new ProgramThreads();
  const made = await threads.make(manifestOf(writingGuest("hi")));
  expect(made.verdict.kind).toBe("accepted");
  closeMade(made);
});

/** A turn that writes down what becomes of it. */
function toldTurn(mayGoOn: boolean) {
  const events: string[] = [];
  const turn: ProgramTurn = {
    get mayGoOn() {
      events.push("asked");
      return mayGoOn;
    },
    async goOn() {
      events.push("goes on");
      await new Promise((resolve) => setTimeout(resolve, 100));
      events.push("has a place");
    },
    release: () => undefined,
  };
  return { events, turn };
}

test.each([true, false])(
  "what takes long is made in the end, place at once: %s",
  async (isFree) => {
    threads = new ProgramThreads({ firstMs: 20 });
    const { events, turn } = toldTurn(isFree);
    const made = await threads.make(manifestOf(slowNexe(2000)), turn);
    expect(made.verdict.kind).toBe("accepted");
    expect(events).toEqual(["asked", "goes on", "has a place"]);
    closeMade(made);
  },
);

test("what makes room for others is not made before it has its place", async () => {
  threads = new ProgramThreads({ firstMs: 20 });
  const closed = new Error("never");
  const turn: ProgramTurn = {
    mayGoOn: false,
    goOn: () => Promise.reject(closed),
    release: () => undefined,
  };
  await expect(threads.make(manifestOf(slowNexe(20_000)), turn)).rejects.toBe(closed);
});

test("what is under way when all is closed ends with it, and says so", async () => {
  threads = new ProgramThreads();
  const made = threads.make(manifestOf(slowNexe(2000)));
  const stopped = { code: "ZVM_JOB_BUSY", message: "The server stops" };
  const told = expect(made).rejects.toMatchObject(stopped);
  await threads.close();
  await told;
  await expect(threads.make(manifestOf(writingGuest("hi")))).rejects.toMatchObject(stopped);
});
