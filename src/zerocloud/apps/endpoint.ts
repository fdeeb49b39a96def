import { ZvmError } from "../../base/index.ts";
import { headersOf } from "../embedded/index.ts";
import { type ObjectItem, readEndpoint } from "../request/index.ts";
import type { Refusal } from "../result/index.ts";
import type { ContainerAddress, ContainerStat, Store } from "../store/index.ts";

/** The app that a container names; whether anybody may run it is another question. */
export async function endpointOf(
  store: Store,
  address: ContainerAddress,
): Promise<ObjectItem | Refusal> {
  const stat = await ifThere(store, address);
  return readEndpoint(address.container, stat === undefined ? undefined : headersOf(stat.metadata));
}

async function ifThere(
  store: Store,
  { account, container }: ContainerAddress,
): Promise<ContainerStat | undefined> {
  try {
    return await store.containers.stat({ account, container });
  } catch (error) {
    if (error instanceof ZvmError && error.code === "ZVM_STORE_NOT_FOUND") return undefined;
    throw error;
  }
}
