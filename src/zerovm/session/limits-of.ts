import { type Limits, STANDARD_LIMITS } from "../../base/index.ts";
import type { Manifest } from "../manifest/index.ts";

/** The limits of a session: the manifest's, and the standard ones for all that it does not name. */
export function limitsOf(manifest: Manifest): Limits {
  return {
    ...STANDARD_LIMITS,
    ...manifest.limits,
    time: manifest.timeoutSeconds,
    memory: manifest.memory.sizeBytes,
  };
}
