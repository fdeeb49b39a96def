import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout } from "node:timers/promises";
import type { BenchFolder } from "../bench-folder.ts";
import { plainEnvironment } from "../run-process.ts";
import { type Endpoint, signIn } from "./endpoint.ts";

const SERVERS = ["object", "container", "account"] as const;
const PROGRAMS = ["swift-proxy-server", "swift-ring-builder", "memcached"].concat(
  SERVERS.map((kind) => `swift-${kind}-server`),
);
const PIPELINE =
  "catch_errors gatekeeper healthcheck proxy-logging cache listing_formats ratelimit tempauth " +
  "copy slo dlo proxy-logging proxy-server";
const USER = { user: "test:tester", key: "testing" } as const;
const READY_MS = 20_000;

/** Whether the packages of a real Swift are there: `tools/install-swift.sh` installs them. */
export function hasSwift(): boolean {
  return PROGRAMS.every((name) => existsSync(`/usr/bin/${name}`)) && process.getuid?.() === 0;
}

/** A real Swift on one disk without copies, as small as it goes; undefined without its packages. */
export async function startSwift(place: BenchFolder): Promise<Endpoint | undefined> {
  if (!hasSwift()) return undefined;
  const ports = await freePorts(SERVERS.length + 2);
  const [proxy = 0, cache = 0, ...storage] = ports;
  writeSettings(place, { proxy, cache, storage });
  const commands: string[][] = [
    ["memcached", "-u", "nobody", "-l", "127.0.0.1", "-p", String(cache)],
    ...SERVERS.map((kind) => [`swift-${kind}-server`, place.path(`swift/${kind}-server.conf`)]),
    ["swift-proxy-server", place.path("swift/proxy-server.conf")],
  ];
  const env = { ...plainEnvironment(), SWIFT_DIR: place.path("swift") };
  const children = commands.map(([name = "", ...args]) => {
    return spawn(`/usr/bin/${name}`, args, { stdio: "ignore", env, detached: true });
  });
  const stop = async (): Promise<void> => {
    await Promise.all(
      children.map(async (child) => {
        if (child.exitCode !== null || child.pid === undefined) return;
        const ended = once(child, "close");
        process.kill(-child.pid, "SIGTERM");
        await ended;
      }),
    );
  };
  try {
    return { ...(await signInWhenReady(`http://127.0.0.1:${proxy}`)), stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

async function signInWhenReady(url: string): Promise<Omit<Endpoint, "stop">> {
  for (const endMs = Date.now() + READY_MS; ; await setTimeout(200)) {
    try {
      return await signIn("swift", url, USER);
    } catch (cause) {
      if (Date.now() > endMs) throw cause;
    }
  }
}

interface Ports {
  readonly proxy: number;
  readonly cache: number;
  readonly storage: readonly number[];
}

function writeSettings(place: BenchFolder, { proxy, cache, storage }: Ports): void {
  const folder = place.path("swift");
  place.write("swift/swift.conf", "[swift-hash]\nswift_hash_path_suffix = s\n");
  mkdirSync(place.path("disks/d1"), { recursive: true });
  spawnSync("chmod", ["755", place.folder]);
  spawnSync("chown", ["-R", "swift:swift", place.path("disks")]);
  const common = `user = swift\nswift_dir = ${folder}\nbind_ip = 127.0.0.1\nlog_level = ERROR\n`;
  SERVERS.forEach((kind, at) => {
    const port = storage[at] ?? 0;
    place.write(
      `swift/${kind}-server.conf`,
      `[DEFAULT]\n${common}bind_port = ${port}\ndevices = ${place.path("disks")}\n` +
        `mount_check = false\nworkers = 2\n[pipeline:main]\npipeline = ${kind}-server\n` +
        `[app:${kind}-server]\nuse = egg:swift#${kind}\n`,
    );
    const builder = place.path(`swift/${kind}.builder`);
    const steps = [
      ["create", "6", "1", "1"],
      ["add", `r1z1-127.0.0.1:${port}/d1`, "1"],
      ["rebalance"],
    ];
    for (const step of steps) spawnSync("/usr/bin/swift-ring-builder", [builder, ...step]);
  });
  const filters = [...new Set(PIPELINE.split(" "))].filter((name) => name !== "proxy-server");
  const more: Readonly<Record<string, string>> = {
    tempauth: "user_test_tester = testing .admin\n",
    cache: `memcache_servers = 127.0.0.1:${cache}\n`,
  };
  place.write(
    "swift/proxy-server.conf",
    `[DEFAULT]\n${common}bind_port = ${proxy}\nworkers = 2\n[pipeline:main]\n` +
      `pipeline = ${PIPELINE}\n[app:proxy-server]\nuse = egg:swift#proxy\n` +
      "account_autocreate = true\n" +
      filters
        .map((name) => {
          const egg = name === "cache" ? "memcache" : name.replace("-", "_");
          return `[filter:${name}]\nuse = egg:swift#${egg}\n${more[name] ?? ""}`;
        })
        .join(""),
  );
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
