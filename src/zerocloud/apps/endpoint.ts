import { headersOf, type ObjectItem, readEndpoint } from "../request/index.ts";
import type { Refusal } from "../result/index.ts";
import type { ContainerName, JobStore } from "../storage/index.ts";

/** The app that a container names; whether anybody may run it is another question. */
export async function endpointOf(
  store: JobStore,
  address: ContainerName,
): Promise<ObjectItem | Refusal> {
  const facts = await store.container(address);
  return readEndpoint(address.container, facts && headersOf(facts.metadata));
}
