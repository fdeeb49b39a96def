import { release } from "node:os";
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Started } from "../../support/shell.ts";
import { type Line, newLine, type SessionEnd } from "./line.ts";

/** Nothing of a session may be there so long after its time. */
const GRACE_MS = 30_000;

/** A line that never ends by itself, at work; `cut` does something to its second host. */
async function cutOff(
  line: Line,
  timeoutSeconds: number,
  cut: (sessions: readonly Started[]) => void,
): Promise<SessionEnd[]> {
  await line.serveNames(line.host(1));
  const endless = { input: "/dev/zero", output: "/dev/null", timeoutSeconds };
  const sessions = line.start({ by: "number", ...endless });
  await line.isBusy(8 * 2 ** 20);
  cut(sessions);
  return await inTime(line.ends(sessions), timeoutSeconds);
}

/** What a session does not outlive. */
async function inTime<T>(ends: Promise<T>, timeoutSeconds: number): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  const late = setTimeout(timeoutSeconds * 1000 + GRACE_MS, undefined, { signal });
  const overdue = late.then(() => {
    throw new Error("A session is still there though its time is over");
  });
  try {
    return await Promise.race([ends, overdue]);
  } finally {
    overdue.catch(() => undefined);
    controller.abort();
  }
}

/** All that a session says of its end. */
function told({ stderr, report }: SessionEnd): string {
  return `${stderr}${JSON.stringify(report["outcome"])}`;
}

/** A session lost its peer, and says which. */
function expectLost(end: SessionEnd | undefined, peer: string): void {
  expect(end?.report["outcome"]).toMatchObject({ kind: "lost", cause: "peer" });
  expect(end && told(end)).toContain(peer);
  expect(end?.status).not.toBe(0);
}

/**
 * Kernels before Linux 6.15 send what is under way for a quarter of an hour before they give up a
 * connection: there a writer is ended by its time.
 */
const [major = 0, minor = 0] = release().split(".").map(Number);
const WRITERS_NOTICE = major > 6 || (major === 6 && minor >= 15);

/** What the kernel takes to give up a connection, and twice as much for a machine that is busy. */
const LONG_SECONDS = 120;
const PATIENCE_MS = 240_000;

type Cut = readonly [how: string, cut: (line: Line) => void];

describe.concurrent("a host that is cut off in the middle of its work", () => {
  test.for<Cut>([
    ["by a link that is taken down", (line: Line) => line.network.takeDown(line.host(2))],
    [
      "by a cable that takes what is sent and delivers nothing",
      (line: Line) => line.network.cutSilently(line.host(2)),
    ],
  ])(
    "%s: the sessions on both sides name it, and its own names them",
    { timeout: PATIENCE_MS },
    async ([, cut], context) => {
      const line = newLine(context);
      const [first, second, third] = await cutOff(line, LONG_SECONDS, () => cut(line));
      expectLost(third, "node 2");
      if (WRITERS_NOTICE) {
        expectLost(first, "node 2");
        expectLost(second, "node ");
      } else {
        expect(first?.report["outcome"]).toMatchObject({ kind: "limited", limit: "time" });
      }
      expect(await line.leftovers()).toEqual([]);
    },
  );

  test("longer than sessions may last: they end by that, with nothing left behind", async (context) => {
    const line = newLine(context);
    const ends = await cutOff(line, 8, () => line.network.cutSilently(line.host(2)));
    for (const { report, status } of ends) {
      expect([report["outcome"], status]).toEqual([
        { kind: "limited", limit: "time", waitingFor: expect.stringMatching(/^\/dev\/std/) },
        124,
      ]);
    }
    expect(await line.leftovers()).toEqual([]);
  });
});

test("a session that is killed is named by both others, long before their time is over", async (context) => {
  const line = newLine(context);
  const ends = await cutOff(line, LONG_SECONDS, ([, second]) => second?.child.kill("SIGKILL"));
  expect(ends[1]?.status).toBe("SIGKILL");
  for (const end of [ends[0], ends[2]]) expectLost(end, "node 2");
  expect(await line.leftovers()).toEqual([]);
});

describe("a name server that is cut off", () => {
  test.for<Cut>([
    ["by its link", (line: Line) => line.network.takeDown(line.host(3))],
    ["silently", (line: Line) => line.network.cutSilently(line.host(3))],
  ])(
    "%s: sessions of other hosts end with its failure, and it says who is missing",
    async ([, cut], context) => {
      const line = newLine(context);
      const server = await line.serveNames(line.host(3));
      cut(line);
      line.shell.put("in", "text");
      const sessions = line.start({ by: "number", server: line.host(3) });
      const [first, second, third] = await inTime(line.ends(sessions), 60);
      for (const end of [first, second]) {
        expect(end?.report["outcome"]).toMatchObject({ kind: "refused" });
        expect(end && told(end)).toContain("name server 10.77.0.3:54321");
        expect(end?.report["classic"]).toMatchObject({ state: "name service failed" });
      }
      // It reaches the server, which waits for the others in vain.
      expect(third && told(third)).toContain("no answer within 3.6 seconds");
      server.child.kill("SIGINT");
      const { status, stderr } = await server.end;
      expect([status, stderr]).toEqual([
        130,
        "zerovm ns: ended with 1 of 3 nodes (3), 2 missing; the others named 2\n",
      ]);
      expect(await line.leftovers()).toEqual([]);
    },
  );
});
