import { OWN_ACCOUNT } from "../job/index.ts";
import type { StoredItem } from "../plan/index.ts";
import { type Refusal, refuse } from "../result/index.ts";
import { itemOfUrl, type ObjectItem, objectUrl } from "./address.ts";
import { decodedHeader, type HeaderTable } from "./header-table.ts";

/** Metadata of a container that names its app. */
export const ENDPOINT_HEADER = "x-container-meta-rest-endpoint";
/** Metadata of a container that says who may reach it through its app. */
export const SUID_HEADER = "x-container-meta-zerovm-suid";

/**
 * The app of a container, for `api`.
 * @param metadata of the container; undefined where there is no container
 */
export function readEndpoint(
  container: string,
  metadata: HeaderTable | undefined,
): ObjectItem | Refusal {
  const app = appOf(metadata ?? {});
  if (app !== undefined) return app;
  // The value itself is for whoever may read the metadata.
  const isSet = (metadata?.[ENDPOINT_HEADER] ?? "") !== "";
  const why = isSet ? `; ${ENDPOINT_NAME} is no swift:// URL of a program or job` : "";
  return refuse(404, `No API endpoint configured for container ${container}${why}`);
}

const ENDPOINT_NAME = "its X-Container-Meta-Rest-Endpoint";

/** A full URL: an endpoint means the same object whoever asks. */
function appOf(metadata: HeaderTable): ObjectItem | undefined {
  const text = decodedHeader(metadata[ENDPOINT_HEADER] ?? "") ?? "";
  const url = objectUrl(text);
  return url === undefined || url.account === OWN_ACCOUNT ? undefined : itemOfUrl(text, "");
}

/** A container that a program wants to reach, with its metadata. */
export interface SuidContainer {
  readonly account: string;
  readonly metadata: HeaderTable;
}

/**
 * The list of access that holds beside those of a container itself, where its own app asks.
 * @param app the object that was loaded as the app; never what somebody's metadata says of it
 * @param account in which the job runs: a container of another account gives nothing
 * @returns undefined where there is no such list
 */
export function suidList(
  container: SuidContainer,
  app: StoredItem | undefined,
  account: string,
): string | undefined {
  const own = appOf(container.metadata);
  const list = container.metadata[SUID_HEADER] ?? "";
  if (own === undefined || app === undefined || list === "") return undefined;
  const isApp =
    own.account === app.account && own.container === app.container && own.object === app.object;
  return isApp && container.account === account ? list : undefined;
}
