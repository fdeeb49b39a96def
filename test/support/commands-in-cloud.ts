/** For tests of commands, run in this process: a served cloud with somebody who may sign in. */
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { captured } from "./captured.ts";
import { FaultyFront } from "./faulty-front.ts";
import { type CloudUser, ServedCloud } from "./served-cloud.ts";
import { workInOwnFolder } from "./temporary-folder.ts";

/** What the tests of a file have; all but the cloud is new in each test. */
export class CommandsInCloud {
  #cloud: ServedCloud | undefined;
  #front: FaultyFront | undefined;
  #user: CloudUser | undefined;
  #home = "";

  /** Starts the cloud for all tests of a file; each has its own account, front and folder. */
  constructor() {
    const before = { ...process.env };
    workInOwnFolder((folder) => {
      this.#home = folder;
    });
    beforeAll(async () => {
      this.#cloud = await ServedCloud.start();
    });
    afterAll(async () => void (await this.#cloud?.stop()));
    beforeEach(async () => {
      this.#user = this.cloud.freshUser();
      this.#front = new FaultyFront(this.cloud, this.#user);
      await this.#front.listen();
      const config = { XDG_CONFIG_HOME: join(this.#home, "config") };
      Object.assign(process.env, this.#front.environment, config);
    });
    afterEach(async () => {
      this.signOut();
      Object.assign(process.env, before);
      await this.front.close();
    });
  }

  get cloud(): ServedCloud {
    return there(this.#cloud);
  }

  /** What the commands talk to, in front of the cloud. */
  get front(): FaultyFront {
    return there(this.#front);
  }

  /** The owner of the account. */
  get user(): CloudUser {
    return there(this.#user);
  }

  /** The folder that the test works in. */
  get home(): string {
    return this.#home;
  }

  /** Takes away what says who the user is. */
  signOut(): void {
    for (const name of Object.keys(this.front.environment)) delete process.env[name];
  }
}

function there<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("No test runs");
  return value;
}

/** Runs a command that has to work, and gives what it printed. */
export async function printed(...argv: string[]): Promise<string> {
  const { status, stdout, stderr } = await captured(argv);
  expect([status, stderr]).toEqual([0, ""]);
  return stdout;
}
