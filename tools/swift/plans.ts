import { randomBytes } from "node:crypto";
import { get } from "node:http";
import { connect } from "node:net";
import type { Layout } from "./layout.ts";
import type { ClusterOptions } from "./options.ts";
import { CLUSTER_USERS } from "./options.ts";
import { PYTHON } from "./packages.ts";
import {
  type Bound,
  type DAEMONS,
  EXTRAS,
  proxyText,
  type StorageKind,
  type StorageSettings,
  storageText,
} from "./pipelines.ts";
import type { ServerPlan } from "./server-process.ts";

const NOBODY = { uid: 65_534, gid: 65_534 };
const ASK_MS = 5_000;

/** Plans of the servers of Swift in one cluster: settings are written, nothing is started. */
export class SwiftPlans {
  readonly #layout: Layout;
  readonly #options: ClusterOptions;

  constructor(layout: Layout, options: ClusterOptions) {
    this.#layout = layout;
    this.#options = options;
  }

  cache({ ip, port }: Bound): ServerPlan {
    return {
      ...this.#common("memcached"),
      command: ["/usr/bin/memcached", "-l", ip, "-p", `${port}`, "-U", "0"],
      owner: NOBODY,
      isReady: () => accepts({ ip, port }),
    };
  }

  proxy(bound: Bound, cache: Bound, coordinatorSocket: string | undefined): ServerPlan {
    const { extras = EXTRAS, encrypted = false, processes } = this.#options;
    const text = proxyText({
      ...bound,
      ...this.#settings(processes?.proxy ?? 2),
      cache,
      extras,
      users: Object.values(CLUSTER_USERS),
      ...(encrypted && { rootSecret: randomBytes(32).toString("base64") }),
      ...(coordinatorSocket !== undefined && { coordinatorSocket }),
    });
    return this.#server("proxy", "proxy", text, bound);
  }

  storage(
    node: string,
    kind: StorageKind,
    { jobs, ...own }: Bound & Pick<StorageSettings, "devices" | "jobs">,
  ): ServerPlan {
    const text = storageText({
      ...own,
      ...this.#settings(this.#options.processes?.storage ?? 1),
      kind,
      ...(kind === "object" && jobs !== undefined && { jobs }),
    });
    return this.#server(`${node}-${kind}`, kind, text, own);
  }

  /** A daemon beside a storage server, for one pass. */
  daemon(node: string, [kind, work]: (typeof DAEMONS)[number]): ServerPlan {
    const { swift } = this.#layout;
    const settings = this.#layout.path(`conf/${node}-${kind}.conf`);
    const command = this.#command(`swift-${kind}-${work}`, settings, "once");
    const name = `${node}-${kind}-${work}`;
    return { ...this.#common(name), command, owner: swift, isReady: () => true };
  }

  #server(name: string, kind: string, text: string, bound: Bound): ServerPlan {
    const { swift } = this.#layout;
    const settings = this.#layout.write(`conf/${name}.conf`, text);
    const command = this.#command(`swift-${kind}-server`, settings);
    return { ...this.#common(name), command, owner: swift, isReady: () => isHealthy(bound) };
  }

  #command(program: string, ...args: readonly string[]): string[] {
    const { folder } = this.#layout;
    const own = [PYTHON, `${folder}/lib/own_settings.py`, folder];
    return [...own, `/usr/bin/${program}`, ...args, "--verbose"];
  }

  #common(name: string): Pick<ServerPlan, "name" | "folder" | "env" | "outlives"> {
    const { folder } = this.#layout;
    const env = {
      PATH: "/usr/bin:/bin",
      HOME: folder,
      PYTHONPATH: `${folder}/lib`,
      PYTHONDONTWRITEBYTECODE: "1",
    };
    return { name, folder, env, outlives: this.#options.outlives ?? false };
  }

  #settings(processes: number) {
    const { folder } = this.#layout;
    return { folder, processes, logLevel: this.#options.logLevel ?? "INFO" };
  }
}

/** Whether a server says that it is well. */
function isHealthy({ ip, port }: Bound): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = get({ host: ip, port, path: "/healthcheck", agent: false, timeout: ASK_MS });
    asked.on("response", (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => resolve(false));
    asked.on("close", () => resolve(false));
  });
}

function accepts({ ip, port }: Bound): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, ip);
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
