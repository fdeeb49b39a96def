import { type Exchange, isDenial, refuse } from "../exchange/index.ts";
import { isData, type SegmentRequest, type Store, splitPath } from "../store/index.ts";
import { needAccess } from "./access.ts";

/**
 * Judges whether the sender may read the segments that a manifest in this account names. As in
 * Swift that is one finding for each segment, beside which there may be others.
 * @throws ZvmError ZVM_STORE_MANIFEST
 */
export async function needSegments(
  exchange: Exchange,
  store: Store,
  account: string,
  segments: readonly SegmentRequest[],
): Promise<void> {
  const paths = segments.flatMap((segment) => (isData(segment) ? [] : [segment.path]));
  const denied = new Set<string>();
  const containers = new Set(paths.map(containerOf));
  for (const container of containers) {
    await needAccess(exchange, store, "read", { account, container }).catch((cause: unknown) => {
      if (!isDenial(cause)) throw cause;
      denied.add(container);
    });
  }
  const findings = paths
    .filter((path) => denied.has(containerOf(path)))
    .map((path) => `${path}, 403 Forbidden`);
  if (findings.length > 0) refuse("ZVM_STORE_MANIFEST", ["Errors:", ...findings].join("\n"));
}

function containerOf(path: string): string {
  return splitPath(path)?.container ?? "";
}
