import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ZEROVM } from "./command-line.ts";

const FRESH_USERS = 200;

/** Users of every served cloud, unless others are given; those with numbers are for `freshUser`. */
export const CLOUD_USERS = `[tempauth]
user_test_tester = testing .admin
user_test_reader = reading
user_other_tester = testing2 .admin
user_admin_admin = admin .admin .reseller_admin
${Array.from({ length: FRESH_USERS }, (_, at) => `user_fresh${at}_tester = key${at} .admin`).join("\n")}
`;

export interface CloudOptions {
  /** Text of the accounts file. */
  readonly users?: string;
  /** Text of a YAML file of the configuration, see `zerovm config`. */
  readonly config?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A data folder that was there before; else one that goes when the cloud stops. */
  readonly data?: string;
}

export interface CloudUser {
  readonly user: string;
  readonly key: string;
}

export const TESTER: CloudUser = { user: "test:tester", key: "testing" };
export const READER: CloudUser = { user: "test:reader", key: "reading" };
export const OTHER: CloudUser = { user: "other:tester", key: "testing2" };

/** What a user who signed in may call. */
export interface SignedIn {
  readonly token: string;
  /** `http://HOST:PORT/v1/AUTH_…`. */
  readonly storageUrl: string;
}

/**
 * The built `zerovm serve` as a process of its own, on a port that it picks. The sources are not
 * loaded here: what is tried is what users start.
 */
export class ServedCloud {
  readonly url: string;
  readonly authUrl: string;
  readonly folder: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | string | null>;
  readonly #temporary: string;
  readonly #log: { text: string };
  #usersTaken = 0;

  private constructor(running: Running, line: string) {
    const { url, authUrl } = JSON.parse(line) as { url: string; authUrl: string };
    this.url = url;
    this.authUrl = authUrl;
    this.folder = running.data;
    this.#child = running.child;
    this.#ended = running.ended;
    this.#temporary = running.temporary;
    this.#log = running.log;
  }

  /** Starts a server, and resolves when it answers. @throws Error with its log where it ends */
  static async start(options: CloudOptions = {}): Promise<ServedCloud> {
    const running = launch(options);
    const line = await firstLine(running).catch((error: unknown) => {
      rmSync(running.temporary, { recursive: true, force: true });
      throw error;
    });
    return new ServedCloud(running, line);
  }

  /** Lines of JSON that it wrote to standard error so far. */
  get log(): string {
    return this.#log.text;
  }

  /** The owner of an account that nobody has used yet: a test needs not clean up behind others. */
  freshUser(): CloudUser {
    const at = this.#usersTaken++;
    if (at < FRESH_USERS) return { user: `fresh${at}:tester`, key: `key${at}` };
    throw new Error(`A cloud has ${FRESH_USERS} fresh users`);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What `zerovm` and other clients of Swift sign in with. */
  environment({ user, key }: CloudUser = TESTER): Record<string, string> {
    return { ST_AUTH: this.authUrl, ST_USER: user, ST_KEY: key };
  }

  async signIn({ user, key }: CloudUser = TESTER): Promise<SignedIn> {
    const answer = await fetch(this.authUrl, {
      headers: { "X-Auth-User": user, "X-Auth-Key": key },
    });
    const token = answer.headers.get("x-auth-token");
    const storageUrl = answer.headers.get("x-storage-url");
    await answer.arrayBuffer();
    if (token !== null && storageUrl !== null) return { token, storageUrl };
    throw new Error(`${user} cannot sign in: ${answer.status}`);
  }

  /** Ends it in order, and removes its folder. @returns its exit status, or the signal */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | string | null> {
    this.#child.kill(signal);
    const status = await this.#ended;
    rmSync(this.#temporary, { recursive: true, force: true });
    return status;
  }
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<number | string | null>;
  readonly temporary: string;
  readonly data: string;
  readonly log: { text: string };
}

function launch({ users = CLOUD_USERS, config, env, data }: CloudOptions): Running {
  const temporary = mkdtempSync(join(tmpdir(), "zerovm-cloud-"));
  const folder = data ?? join(temporary, "data");
  const accounts = join(temporary, "accounts.ini");
  writeFileSync(accounts, users, { mode: 0o600 });
  const argv = ["serve", "--data", folder, "--auth", accounts, "--port", "0", "--json"];
  if (config !== undefined) {
    writeFileSync(join(temporary, "serve.yaml"), config);
    argv.push("--config", join(temporary, "serve.yaml"));
  }
  const child = spawn(process.execPath, [ZEROVM, ...argv], {
    cwd: temporary,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log = { text: "" };
  child.stderr.on("data", (bytes: Buffer) => {
    log.text += bytes.toString();
  });
  const ended = new Promise<number | string | null>((done) => {
    child.on("close", (status, signal) => done(status ?? signal));
  });
  return { child, ended, temporary, data: folder, log };
}

/** The line of JSON that says that it is ready. */
async function firstLine({ child, ended, log }: Running): Promise<string> {
  let text = "";
  const line = new Promise<string>((done) => {
    child.stdout?.on("data", (bytes: Buffer) => {
      text += bytes.toString();
      const at = text.indexOf("\n");
      if (at >= 0) done(text.slice(0, at));
    });
  });
  const failure = ended.then((status) => {
    throw new Error(`zerovm serve ended with ${status}: ${text}${log.text}`);
  });
  // Whoever ends it in order wants to hear nothing of that.
  failure.catch(() => undefined);
  return await Promise.race([line, failure]);
}
