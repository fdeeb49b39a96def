import { beforeAll, describe, expect, test } from "vitest";
import { CELL_USER } from "../../src/zerovm/walls/index.ts";
import { attackPrograms, CAN_ATTACK, runJobs, USERS } from "./attacked.ts";

/** What a cell holds, and what can be seen from within. */

const programs = attackPrograms();

const EVERYTHING = ["environment", "descriptors", "root"];
/** These need the host's files to be seen, which only a cell without two walls does. */
const FROM_PROC = ["links", "identity", "capabilities"];
const UNSEEN = ["seccomp", "files"] as const;

// Cells are of Linux, the numbers and the code of x86-64.
describe.runIf(CAN_ATTACK).each(USERS)("a cell of $name", (user) => {
  const locked = new Map<string, string>();
  const rootless = new Map<string, string>();
  const seen = new Map<string, string>();

  beforeAll(async () => {
    const ends = await runJobs(programs(), user, [
      { names: EVERYTHING, launch: {} },
      { names: ["root"], launch: { without: ["seccomp"] } },
      { names: FROM_PROC, launch: { without: UNSEEN } },
    ]);
    [locked, rootless, seen].forEach((map, index) => {
      for (const { name, answer } of ends[index]?.told ?? []) map.set(name, answer);
    });
  });

  test("stands behind all walls", () => {
    const walls = "network ipc processes files user rlimits lifeline seccomp";
    expect(locked.get("walls")).toBe(walls);
  });

  test("has nothing of the host's environment", () => {
    expect(JSON.parse(locked.get("environment") ?? "")).toEqual({ UV_USE_IO_URING: "0" });
  });

  test("can open no root, and finds it empty where it can", () => {
    expect(locked.get("root")).toBe('"EACCES"');
    // The entries for itself and for what is above it.
    expect(rootless.get("root")).toBe("48");
  });

  test("holds the descriptors it was born with and those of its own event loop", () => {
    const links = JSON.parse(seen.get("links") ?? "{}") as Record<string, string>;
    const open = Object.entries(links).filter(([, to]) => to !== "gone");
    expect(links).toMatchObject({ 0: "/dev/null", 1: "/dev/null" });
    expect(links["3"]).toMatch(/^socket:/);
    const born = ["2", "4", "5"].map((fd) => links[fd]);
    for (const pipe of born) expect(pipe).toMatch(/^pipe:/);
    const others = open.filter(([fd]) => Number(fd) > 5).map(([, to]) => to);
    const pipes = others.filter((to) => to.startsWith("pipe:"));
    const rest = others.filter((to) => !to.startsWith("pipe:"));
    // A pipe of somebody else's would have one end here only.
    for (const pipe of pipes) expect(pipes.filter((other) => other === pipe).length).toBe(2);
    for (const pipe of pipes) expect(born).not.toContain(pipe);
    // The folder of this very listing, the event loops, and Node's own standard input.
    const own = /^(?:anon_inode:\[(?:eventpoll|eventfd)\]|\/dev\/null|\/proc\/\d+\/fd)$/;
    for (const to of rest) expect(to).toMatch(own);
  });

  test("holds no more of them behind all walls", () => {
    const links = JSON.parse(seen.get("links") ?? "{}") as Record<string, string>;
    const seenNumbers = Object.keys(links).filter((fd) => links[fd] !== "gone");
    const numbers = locked.get("descriptors")?.split(" ") ?? [];
    expect(numbers.length).toBeGreaterThan(5);
    expect(numbers.length).toBeLessThanOrEqual(seenNumbers.length);
  });

  test("is nobody, in no group, and its thread has no right left", () => {
    const isRoot = user.id === undefined && process.getuid?.() === 0;
    if (isRoot) {
      const ids = Array(4).fill(CELL_USER).join(" ");
      expect(seen.get("identity")).toBe(`${ids}; ${ids}; `);
    }
    const rights = JSON.parse(seen.get("capabilities") ?? "[]") as readonly string[];
    expect(rights[0]).toBe("0000000000000000");
    // No thread of root's cell has any; of others, the filter lets none use them.
    if (isRoot) expect(new Set(rights).size).toBe(1);
  });
});
