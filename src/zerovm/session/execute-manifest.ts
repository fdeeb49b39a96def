import { type Form, judgeValue, recordOf } from "../../base/index.ts";
import { MANIFEST_TEXT, parseManifest } from "../manifest/index.ts";
import type { Report } from "../report/index.ts";
import { type AskedSession, SESSION_FIELDS } from "./ask-session.ts";
import { withErrorCodes } from "./judge-session.ts";
import { refusedReport } from "./make-report.ts";
import { runSession } from "./run-session.ts";
import { nowMs } from "./timer.ts";

/** A manifest as text, and how to run it. */
export interface ManifestRequest extends Omit<AskedSession, "manifest" | "findings"> {
  readonly text: Uint8Array | string;
}

const REQUEST: Form = recordOf<ManifestRequest>({ ...SESSION_FIELDS, text: MANIFEST_TEXT });

/**
 * Runs what a manifest file says. What is wrong with the text is in the report like everything
 * else: `report.classic` has the original's exit code and exit state for it.
 * @throws ZvmError ZVM_USAGE for a request that cannot be understood
 */
export async function executeManifest(request: ManifestRequest): Promise<Report> {
  judgeValue("executeManifest", request, REQUEST);
  const startMs = nowMs();
  const { text, ...others } = request;
  const { manifest, findings } = parseManifest(text);
  if (manifest !== undefined) return await runSession({ ...others, manifest, findings });
  const wallMs = nowMs() - startMs;
  const { isolation = "full", tier = "auto" } = others;
  return refusedReport(withErrorCodes(findings), { wallMs, warnings: [], isolation, tier });
}
