import { createHash } from "node:crypto";
import { hostKey, type StorageHost } from "../../placement/index.ts";

const DIGITS = 6;

/**
 * What tenants are told of a host, `r1z2-3fa9c1`: they can tell one from another and learn no
 * addresses. The log has both.
 */
export function hostLabel(host: StorageHost): string {
  const digest = createHash("sha256").update(hostKey(host)).digest("hex");
  return `r${host.region}z${host.zone}-${digest.slice(0, DIGITS)}`;
}
