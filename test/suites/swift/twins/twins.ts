import { AssertionError } from "node:assert";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { CLUSTER_USERS, type SwiftCluster, startCluster } from "../../../../tools/swift/index.ts";
import { ServedCloud } from "../../../support/served-cloud.ts";
import { BIN, type Case, PROGRAMS } from "./jobs.ts";
import { Side, signInAll, type Who } from "./side.ts";

/** Both have the users of a cluster. */
const ACCOUNTS = `[tempauth]
${Object.values(CLUSTER_USERS)
  .map((user) => {
    const groups = "groups" in user ? user.groups.map((group) => ` ${group}`).join("") : "";
    return `user_${user.name.replace(":", "_")} = ${user.key}${groups}`;
  })
  .join("\n")}
`;

interface Twin {
  readonly url: string;
  readonly tokens: Readonly<Record<Who, string>>;
}

/** A cloud of its own, and a cluster of Swift, that are to answer the same. */
export class Twins {
  readonly embedded: Twin;
  readonly cluster: Twin;
  /** Of the cluster. */
  readonly folder: string;
  readonly #served: ServedCloud;
  readonly #started: SwiftCluster | undefined;
  /** Both sides name containers alike, and no two runs do: a cluster may outlive them. */
  readonly #run = randomBytes(3).toString("hex");
  #cases = 0;

  private constructor(parts: {
    readonly embedded: Twin;
    readonly cluster: Twin;
    readonly served: ServedCloud;
    readonly started: SwiftCluster | undefined;
    readonly folder: string;
  }) {
    this.embedded = parts.embedded;
    this.cluster = parts.cluster;
    this.#served = parts.served;
    this.#started = parts.started;
    this.folder = parts.folder;
  }

  /** Starts both. @param standing the folder of a cluster that is up, and is taken in place */
  static async start(config: string, standing?: string): Promise<Twins> {
    const started = standing === undefined ? await startCluster({ config }) : undefined;
    const served = await ServedCloud.start({ users: ACCOUNTS, config });
    const url = started?.url ?? urlOf(standing ?? "");
    const [embedded, cluster] = await Promise.all([twinAt(served.url), twinAt(url)]);
    const folder = started?.folder ?? standing ?? "";
    const twins = new Twins({ embedded, cluster, served, started, folder });
    for (const twin of [embedded, cluster]) await storePrograms(twins.#side(twin, ""));
    return twins;
  }

  async stop(): Promise<void> {
    await this.#served.stop();
    await this.#started?.stop();
  }

  /** Does the same on both sides, and expects the same of them. */
  async compare({ run }: Case): Promise<void> {
    const prefix = `t${this.#run}-${this.#cases++}-`;
    const embedded = this.#side(this.embedded, prefix);
    const cluster = this.#side(this.cluster, prefix);
    const [first, second] = await Promise.allSettled([run(embedded), run(cluster)]);
    if (first.status === "rejected") throw first.reason;
    if (second.status === "rejected" && !(second.reason instanceof AssertionError)) {
      throw second.reason;
    }
    // What was answered says more than which answer was the first that surprised.
    expect(cluster.steps).toEqual(embedded.steps);
    if (second.status === "rejected") throw second.reason;
  }

  /** Of a case that is about what is different: `zerovm serve`, then the cluster. */
  sides(): readonly [Side, Side] {
    const prefix = `t${this.#run}-${this.#cases++}-`;
    return [this.#side(this.embedded, prefix), this.#side(this.cluster, prefix)];
  }

  #side({ url, tokens }: Twin, prefix: string): Side {
    return new Side(url, tokens, prefix);
  }
}

function urlOf(folder: string): string {
  const { url } = JSON.parse(readFileSync(`${folder}/cluster.json`, "utf8")) as { url: string };
  return url;
}

async function twinAt(url: string): Promise<Twin> {
  return { url, tokens: await signInAll(`${url}/auth/v1.0`, CLUSTER_USERS) };
}

async function storePrograms(side: Side): Promise<void> {
  await side.container(BIN, { "X-Container-Read": ".r:*" });
  for (const [name, program] of Object.entries(PROGRAMS)) {
    const headers = { "Content-Type": "application/octet-stream" };
    await side.put(`${BIN}/${name}`, program, { headers });
  }
}
