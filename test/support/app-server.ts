/** For tests: a server with all of ZeroCloud over a fresh store, with programs of one purpose. */
import type { ExecutorSettings } from "../../src/zerocloud/execute/index.ts";
import { CASE_GUEST, FAILING_GUEST, tellingGuest } from "./app-guests.ts";
import { archive } from "./archive.ts";
import { COPYING_GUEST, LOOPING_GUEST, writingGuest } from "./guests.ts";
import type { Answer, Sending } from "./http-client.ts";
import { JobServer } from "./job-server.ts";

const PROGRAMS: Readonly<Record<string, Uint8Array>> = {
  hello: writingGuest("hello"),
  cat: COPYING_GUEST,
  case: CASE_GUEST,
  fail: FAILING_GUEST,
  loop: LOOPING_GUEST,
  tell: tellingGuest("Status: 201 Created\nContent-Type: text/told\nX-Own: 1\n\n"),
};

/** Programs lie in `bin` of account `a`, where everybody may read them. */
export const PROGRAM_URL = "swift://a/bin/";

const GRACE_MS = 1000;

export class AppServer {
  readonly server: JobServer;

  private constructor(server: JobServer) {
    this.server = server;
  }

  static async start(settings: Partial<ExecutorSettings> = {}): Promise<AppServer> {
    const made = new AppServer(await JobServer.start(settings));
    await made.#fill();
    return made;
  }

  async #fill(): Promise<void> {
    await this.send("PUT", "/v1/a/bin", { headers: { "X-Container-Read": ".r:*" } });
    for (const [name, body] of Object.entries(PROGRAMS)) {
      const headers = { "Content-Type": "application/octet-stream" };
      await this.send("PUT", `/v1/a/bin/${name}`, { headers, body });
    }
  }

  async send(method: string, path: string, sending: Sending = {}): Promise<Answer> {
    return await this.server.http.send(method, path, sending);
  }

  /** Stores an object; its container is made where there is none. */
  async put(path: string, body: string | Uint8Array, sending: Sending = {}): Promise<void> {
    const container = path.split("/").slice(0, 2).join("/");
    const [account = ""] = path.split("/");
    await this.send("PUT", `/v1/${container}`, { as: account });
    const { status } = await this.send("PUT", `/v1/${path}`, { as: account, ...sending, body });
    if (status !== 201) throw new Error(`PUT ${path}: ${status}`);
  }

  /** Sets headers of a container. */
  async set(container: string, headers: Readonly<Record<string, string>>): Promise<void> {
    const [account = ""] = container.split("/");
    const { status } = await this.send("PUT", `/v1/${container}`, { as: account, headers });
    if (status >= 300) throw new Error(`PUT ${container}: ${status}`);
  }

  /** Stores an app: an archive with a job of these groups. */
  async putApp(path: string, ...groups: readonly unknown[]): Promise<void> {
    const body = archive([["boot/system.map", JSON.stringify(groups)]]);
    await this.put(path, body, { headers: { "Content-Type": "application/x-tar" } });
  }

  /** Posts a job of these groups. */
  async post(account: string, sending: Sending, ...groups: readonly unknown[]): Promise<Answer> {
    const headers = { "X-Zerovm-Execute": "1.0", "Content-Type": "application/json" };
    const body = JSON.stringify(groups);
    const all = { ...headers, ...sending.headers };
    return await this.send("POST", `/v1/${account}`, { body, ...sending, headers: all });
  }

  async close(): Promise<void> {
    await this.server.close(GRACE_MS);
  }
}

/** A group that runs one of the programs. */
export function node(program: string, ...devices: readonly unknown[]) {
  const path = program.includes("://") ? program : `${PROGRAM_URL}${program}`;
  return { name: "n", exec: { path }, devices };
}

export const STDIN = { name: "stdin" };
export const STDOUT = { name: "stdout", content_type: "text/plain" };
export const CGI = { name: "stdout", content_type: "message/cgi" };

/** A device over an object. */
export function device(name: string, path: string) {
  return { name, path: `swift://${path}`, content_type: "text/plain" };
}
