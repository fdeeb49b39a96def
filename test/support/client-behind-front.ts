import { SwiftClient } from "../../src/zerocloud/client/index.ts";
import { FaultyFront } from "./faulty-front.ts";
import type { ServedCloud } from "./served-cloud.ts";

/** A client of a fresh user who has a container `c`, behind a front at which requests can fail. */
export async function startClientBehindFront(
  cloud: ServedCloud,
): Promise<{ readonly front: FaultyFront; readonly client: SwiftClient }> {
  const front = new FaultyFront(cloud, cloud.freshUser());
  await front.listen();
  const { ST_AUTH: authUrl = "", ST_USER: user = "", ST_KEY: key = "" } = front.environment;
  const client = new SwiftClient({
    credentials: { kind: "v1", authUrl, user, key },
    retriesMax: 0,
  });
  await client.createContainer("c");
  return { front, client };
}
