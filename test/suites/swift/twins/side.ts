import { expect } from "vitest";
import { type Answer, sendTo } from "../../../support/http-client.ts";
import { type Compared, comparable, type Kind } from "./may-differ.ts";

const HOST = "cloud.example";

/** Users of both clouds, and whoever has not signed in. */
export type Who = "tester" | "reader" | "other" | "reseller" | "nobody";

export interface Keys {
  readonly name: string;
  readonly key: string;
}

/** What a request says beside method and path. */
export interface Asked {
  readonly as?: Who;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: string | Uint8Array;
  /** Headers that `differences.ts` says why they are different here. */
  readonly differs?: readonly string[];
  /** The answer tells of what was stored now, so that digests of it are new each time. */
  readonly varies?: true;
}

/** One request of a case, and its answer as far as it can be compared. */
export interface Step extends Compared {
  readonly request: string;
}

/** One of the two clouds, as the clients of one case see it. */
export class Side {
  readonly url: string;
  readonly steps: Step[] = [];
  readonly #tokens: Readonly<Record<Who, string>>;
  readonly #prefix: string;

  constructor(url: string, tokens: Readonly<Record<Who, string>>, prefix: string) {
    this.url = url;
    this.#tokens = tokens;
    this.#prefix = prefix;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  token(who: Who): string {
    return this.#tokens[who];
  }

  /** The name of a container of this case. */
  name(container: string): string {
    return `${this.#prefix}${container}`;
  }

  /** A request that counts: its answer is compared, and has to have this status. */
  async ask(
    status: number | readonly number[],
    method: string,
    path: string,
    asked: Asked = {},
  ): Promise<Answer> {
    const answer = await this.send(method, path, asked);
    const request = `${method} ${path.replace(/[0-9a-f]{17}$/, "JOB")}`;
    const seen = comparable(answer, kindOf(path, asked), asked.varies);
    const same = Object.entries(seen.headers).filter(([name]) => !asked.differs?.includes(name));
    this.steps.push({ request, ...seen, headers: Object.fromEntries(same) });
    const wanted = [status].flat();
    const isWanted = wanted.includes(answer.status);
    const got = { request, status: answer.status, said: isWanted ? "" : answer.body };
    const status0 = isWanted ? answer.status : wanted[0];
    expect(got).toEqual({ request, status: status0, said: "" });
    return answer;
  }

  /** A request for what the case needs, or waits for; its answer is nobody's. */
  async send(method: string, path: string, asked: Asked = {}): Promise<Answer> {
    const { as = "tester", headers = {}, body } = asked;
    const token = as === "nobody" ? {} : { "X-Auth-Token": this.#tokens[as] };
    // The ports of the two are not the same, and clients say first where they want to go.
    const all = { Host: HOST, ...token, ...headers };
    return await sendTo(this.port, method, path, {
      headers: all,
      ...(body !== undefined && { body }),
    });
  }

  /** Says of something that is no answer what it is on this side. */
  note(what: string, value: unknown): void {
    const answer = { status: 0, headers: {}, body: JSON.stringify(value) };
    this.steps.push({ request: what, ...comparable(answer, "job") });
  }

  /** Makes a container of this case, or sets what its headers say. @returns its path */
  async container(
    name: string,
    headers: Readonly<Record<string, string>> = {},
    as: Who = "tester",
  ): Promise<string> {
    const path = `/v1/${accountOf(as)}/${encodeURIComponent(this.name(name))}`;
    const { status } = await this.send("PUT", path, { as, headers });
    expect(status).toBeLessThan(300);
    return path;
  }

  /** Stores an object in a container of this case. */
  async put(name: string, body: string | Uint8Array, asked: Asked = {}): Promise<void> {
    const path = `/v1/${accountOf(asked.as)}/${this.name(name)}`;
    const { status, body: said } = await this.send("PUT", path, { ...asked, body });
    expect([status, status === 201 ? "" : said]).toEqual([201, ""]);
  }
}

function kindOf(path: string, { headers = {} }: Asked): Kind {
  if (headers["X-Zerovm-Run"] !== undefined) return "object run";
  const isJob = headers["X-Zerovm-Execute"] !== undefined || !path.startsWith("/v1/");
  return isJob ? "job" : "plain";
}

/** The account of a user. */
export function accountOf(who: Who = "tester"): string {
  return who === "other" ? "AUTH_other" : "AUTH_test";
}

/** The tokens of all users of a cloud. */
export async function signInAll(
  authUrl: string,
  users: Readonly<Record<Exclude<Who, "nobody">, Keys>>,
): Promise<Readonly<Record<Who, string>>> {
  const tokens: Record<Who, string> = {
    tester: "",
    reader: "",
    other: "",
    reseller: "",
    nobody: "",
  };
  for (const who of ["tester", "reader", "other", "reseller"] as const) {
    const { name, key } = users[who];
    const answer = await fetch(authUrl, { headers: { "X-Auth-User": name, "X-Auth-Key": key } });
    await answer.arrayBuffer();
    tokens[who] = answer.headers.get("x-auth-token") ?? "";
  }
  return tokens;
}
