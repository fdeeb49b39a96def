/** For tests of the client: a served cloud, and somebody who may sign in there. */
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import {
  type PutOptions,
  SwiftClient,
  type UploadSource,
} from "../../src/zerocloud/client/index.ts";
import { FaultyFront } from "./faulty-front.ts";
import { ServedCloud } from "./served-cloud.ts";

/** What the tests of a file have; all but the cloud is new in each test. */
export class ClientBehindFront {
  #cloud: ServedCloud | undefined;
  #parts: { readonly front: FaultyFront; readonly client: SwiftClient } | undefined;

  /** Starts the cloud for all tests of a file; each has its own account, with a container `c`. */
  constructor() {
    beforeAll(async () => {
      this.#cloud = await ServedCloud.start();
    });
    afterAll(async () => void (await this.#cloud?.stop()));
    beforeEach(async () => {
      const cloud = there(this.#cloud);
      const front = new FaultyFront(cloud, cloud.freshUser());
      await front.listen();
      const { ST_AUTH: authUrl = "", ST_USER: user = "", ST_KEY: key = "" } = front.environment;
      const credentials = { kind: "v1", authUrl, user, key } as const;
      const client = new SwiftClient({ credentials, retriesMax: 0 });
      this.#parts = { front, client };
      await client.createContainer("c");
    });
    afterEach(async () => {
      this.client.close();
      await this.front.close();
    });
  }

  /** What the client talks to: requests can fail at it. */
  get front(): FaultyFront {
    return there(this.#parts).front;
  }

  get client(): SwiftClient {
    return there(this.#parts).client;
  }

  /** Stores a text, or what can be read at any place, in the container `c`. */
  async put(what: string | UploadSource, options: PutOptions = {}, object = "big") {
    const source = typeof what === "string" ? Buffer.from(what) : what;
    return await this.client.put("c", object, source, options);
  }

  /** The bytes of an object in `c`, as text. */
  async read(object = "big"): Promise<string> {
    let text = "";
    for await (const piece of (await this.client.get("c", object)).read()) {
      text += Buffer.from(piece);
    }
    return text;
  }

  async names(container: string): Promise<string[]> {
    const found: string[] = [];
    for await (const { name } of this.client.objects(container)) found.push(name);
    return found;
  }
}

function there<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("No test runs");
  return value;
}
