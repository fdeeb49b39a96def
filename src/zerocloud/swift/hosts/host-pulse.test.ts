import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Spot } from "../../placement/index.ts";
import { askThrough } from "./ask-for-word.ts";
import { HostPulse } from "./host-pulse.ts";
import { HostLost, ObjectServers } from "./object-servers.ts";

const TIMES = { everyMs: 10, unheardMax: 3 };
const { signal } = new AbortController();

function spotOf(ip: string, port = 1): Spot {
  const host = { ip, port, device: "d1", region: 1, zone: 1, isHandoff: false };
  return { host, partition: 7, isLocal: true };
}

/** Waits until it is told to stop, or so long. */
function waiting(ms = 60_000) {
  return (ending: AbortSignal): Promise<string> => {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve("ended"), ms);
      ending.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(ending.reason);
      });
    });
  };
}

describe("a host that is waited for", () => {
  it("is given up by all who wait for it, and by nobody else, when no word comes", async () => {
    const asked = new Map<string, number>();
    const pulse = new HostPulse(async ({ host }) => {
      asked.set(host.ip, (asked.get(host.ip) ?? 0) + 1);
      return host.ip !== "silent";
    }, TIMES);
    const lost = ["silent", "silent"].map((ip) => {
      return pulse.whileHeard(spotOf(ip), signal, waiting());
    });
    const other = pulse.whileHeard(spotOf("other"), signal, waiting(500));
    for (const one of lost) await expect(one).rejects.toThrow(HostLost);
    for (const one of lost) await expect(one).rejects.toThrow("it says nothing any more");
    // Once for both of them.
    expect(asked.get("silent")).toBe(TIMES.unheardMax + 1);
    expect(await other).toBe("ended");
  });

  it("stays where a word comes late, and is asked no more when nobody waits", async () => {
    let asked = 0;
    const pulse = new HostPulse(async () => {
      asked += 1;
      return asked % TIMES.unheardMax === 0;
    }, TIMES);
    expect(await pulse.whileHeard(spotOf("a"), signal, waiting(300))).toBe("ended");
    const before = asked;
    await new Promise((resolve) => setTimeout(resolve, 10 * TIMES.everyMs));
    expect(asked).toBe(before);
  });

  it("is left with the reason of who leaves it", async () => {
    const pulse = new HostPulse(async () => true, TIMES);
    const leaving = new AbortController();
    const left = pulse.whileHeard(spotOf("a"), leaving.signal, waiting());
    leaving.abort("cancelled");
    await expect(left).rejects.toBe("cancelled");
  });
});

describe("a word of a host", () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });

  async function portOf(server: Server): Promise<number> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  }

  const times = { connectMs: 2000, beginMs: 200, idleMs: 200 };
  const ask = askThrough(new ObjectServers(Buffer.from("secret"), times));

  it("is any answer, and that nobody listens where it has its orders still", async () => {
    const busy = createServer().on("checkContinue", (_, response) => {
      response.writeHead(503, { "X-Backend-Zerocloud-Reason": "busy" }).end();
    });
    const port = await portOf(busy);
    expect(await ask(spotOf("127.0.0.1", port), signal)).toBe(true);
    busy.closeAllConnections();
    await new Promise((resolve) => busy.close(resolve));
    expect(await ask(spotOf("127.0.0.1", port), signal)).toBe(true);
  });

  it("is none that a connection is taken, or an order", async () => {
    const mute = await portOf(createServer().on("checkContinue", () => undefined));
    expect(await ask(spotOf("127.0.0.1", mute), signal)).toBe(false);
    const taking = createServer().on("checkContinue", (request, response) => {
      response.writeContinue();
      request.resume();
    });
    const leaving = AbortSignal.timeout(1000);
    expect(await ask(spotOf("127.0.0.1", await portOf(taking)), leaving)).toBe(false);
  });
});
