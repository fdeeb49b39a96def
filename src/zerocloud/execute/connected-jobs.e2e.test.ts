import { afterEach, describe, expect, test } from "vitest";
import {
  EXCHANGING_GUEST,
  earlyGuest,
  swappingGuest,
} from "../../../test/support/connected-guests.ts";
import { COPYING_GUEST, LOOPING_GUEST } from "../../../test/support/guests.ts";
import type { GroupOptions } from "../../../test/support/job-folder.ts";
import { JobServer } from "../../../test/support/job-server.ts";
import { childProcesses } from "../../../test/support/sessions.ts";
import { parsePools } from "../admission/index.ts";
import { parseJobHeaders } from "../client/index.ts";
import type { ExecutorSettings } from "./index.ts";

let server: JobServer;

async function start(settings: Partial<ExecutorSettings> = {}): Promise<void> {
  server = await JobServer.start({ warmCells: 0, ...settings });
  await server.put("cat", COPYING_GUEST);
  await server.put("exchange", EXCHANGING_GUEST);
  await server.put("fault", earlyGuest("(unreachable)"));
  await server.put("loop", LOOPING_GUEST);
  await server.put("swap", swappingGuest());
  await server.put("data", "0123456789");
}

afterEach(async () => {
  await server.close(0);
  await expect.poll(childProcesses).toEqual([]);
});

const next = (name: string) => ({ name: "stdout", path: `zvm://${name}:stdin` });

function chain(first: string, last: string): GroupOptions[] {
  const input = { name: "stdin", path: "swift://~/c/data" };
  return [
    { name: "first", program: `c/${first}`, devices: [input, next("last")] },
    { name: "last", program: `c/${last}`, devices: [{ name: "stdout" }] },
  ];
}

describe("a job of connected nodes by HTTP", () => {
  test("network resolve: nodes find those that they are connected with by their names", async () => {
    await start();
    const { status, body } = await server.run([
      { name: "map", program: "c/exchange", devices: [], more: { count: 2, connect: ["red"] } },
      { name: "red", program: "c/exchange" },
    ]);
    expect([status, body]).toEqual([200, "map-1;map-2;"]);
  });

  test("network resolve multiple: with copies each node is told by all of every other", async () => {
    await start();
    const more = { count: 3, connect: ["n"], replicate: 2 };
    const { status, body, headers } = await server.run([{ name: "n", program: "c/swap", more }]);
    expect([status, body]).toEqual([200, "n-2;;n-3;;n-1;;n-3;;n-1;;n-2;;"]);
    expect(headers["x-nexe-system"]).toBe("n-1,n-1,n-2,n-2,n-3,n-3");
    expect(headers["x-nexe-status"]).toBe(Array(6).fill("ok.").join());
  });

  test("multistage: stages follow each other, and all but the last answer nothing", async () => {
    await start();
    const [first, last] = chain("cat", "cat");
    const between = { name: "between", program: "c/cat", devices: [next("last")] };
    const from = {
      ...first,
      program: "c/cat",
      devices: [first?.devices?.[0] ?? {}, next("between")],
    };
    const groups = [from, between, ...(last === undefined ? [] : [last])];
    const { status, body } = await server.run(groups);
    expect([status, body]).toEqual([200, "0123456789"]);
  });

  test("networked devices: answers what the last of them wrote, and counts what passed between", async () => {
    await start({ warmCells: 2 });
    const { status, body, headers } = await server.run(chain("cat", "cat"));
    expect([status, body]).toEqual([200, "0123456789"]);
    expect(headers["x-nexe-system"]).toBe("first,last");
    expect(headers["x-nexe-status"]).toBe("ok.,ok.");
    const numbers = String(headers["x-nexe-cdr-line"])
      .split(",")
      .filter((_, at) => at % 2 === 0 && at > 0)
      .map((ten) => ten.trim().split(" ").slice(6).join(" "));
    expect(numbers).toEqual(["0 0 2 10", "2 10 0 0"]);
  });

  test("one whose node fails answers with that one alone", async () => {
    await start();
    const { status, body, headers } = await server.run(chain("fault", "cat"));
    expect(status).toBe(500);
    expect(body).toMatch(/^The program was ended: Signal 4/);
    expect(headers["x-nexe-status"]).toMatch(/^Signal 4 .*,cancelled$/);
    const { nodes } = parseJobHeaders(headers as Record<string, string>);
    expect(nodes[1]).toMatchObject({ name: "last", exitCode: 0, status: "cancelled" });
    expect(nodes[1]?.error).toMatch(/^Nothing of it is kept: node first failed first/);
    expect(nodes[1]?.accounting?.seconds).toBeGreaterThan(0);
  });

  test("of one group that has one node is refused", async () => {
    await start();
    const more = { connect: ["n"] };
    const { status, body } = await server.run([{ name: "n", program: "c/swap", more }]);
    expect([status, body.includes("Cannot bind to itself: n")]).toEqual([400, true]);
  });

  test("needs places for all of them at once", async () => {
    const pools = parsePools("default = WaitPool(1,1); cluster = PriorityPool(1,3)");
    if ("fault" in pools) throw new Error(pools.fault);
    await start({ pools });
    const swapping = (count: number) => [
      { name: "n", program: "c/swap", more: { count, connect: ["n"] } },
    ];
    const fits = await server.run(swapping(3));
    expect([fits.status, fits.body]).toEqual([200, "n-2;;n-3;;n-1;;n-3;;n-1;;n-2;;"]);
    const { status, body } = await server.run(swapping(4));
    expect(status).toBe(413);
    expect(body).toBe("The job needs 4 slots of pool cluster at once; it has 3");
  });

  test("ends with all of them where its client goes away", async () => {
    await start({ timeoutSeconds: 60 });
    const sent = server.leave(...chain("loop", "cat"));
    await expect.poll(() => childProcesses().length, { timeout: 20_000 }).toBe(2);
    sent.destroy();
    await expect.poll(() => server.http.ended.some(({ status }) => status === 499)).toBe(true);
    await expect.poll(childProcesses).toEqual([]);
  });
});
