import { type Diagnostic, printable, ZvmError } from "../../base/index.ts";
import { identityOf } from "../session/index.ts";
import { accessProblem, lookAt } from "./host-look.ts";

/** What an option gives the guest of the host; its words go into messages. */
export interface PlannedGrant {
  /** The option as it was given: `-r sales.csv`, `@+out`. */
  readonly origin: string;
  /** As it was given, or absolute. */
  readonly path: string;
  /**
   * `write`: changed where the guest writes; `export`: emptied when the session starts;
   * `image`: opened and judged further elsewhere; `channel`: judged with the manifest;
   * `folder`: what the guest changed in it comes back.
   */
  readonly use: "read" | "write" | "image" | "export" | "channel" | "folder";
  /** With `channel`, its direction. */
  readonly writes?: boolean;
}

/**
 * Judges what options grant of the host, before anything is opened or changed: it must be there,
 * the host must allow it, and nothing is written that the same session reads as a whole.
 *
 * @throws ZvmError ZVM_FILE or ZVM_CHANNEL that names the option; all findings are in it.
 */
export function judgeGrants(grants: readonly PlannedGrant[], program: string): void {
  const absent = grants.flatMap((grant) => found(grant, problemOf(grant)));
  if (absent.length > 0) throw failure("ZVM_FILE", absent);
  const clashes = conflicts([{ origin: program, path: program, use: "image" }, ...grants]);
  if (clashes.length > 0) throw failure("ZVM_CHANNEL", clashes);
}

function found({ origin }: PlannedGrant, problem: string | undefined): Diagnostic[] {
  if (problem === undefined) return [];
  return [{ severity: "error", message: `Cannot grant '${printable(origin)}': ${problem}` }];
}

function problemOf({ path, use }: PlannedGrant): string | undefined {
  if (use === "channel") return undefined;
  const { kind } = lookAt(path);
  // What is no folder is told by who takes the snapshot.
  if (use === "folder") return kind === "folder" ? bringBackProblem(path) : undefined;
  if (kind === "folder" && use === "image") {
    return `it is a folder; grant it with '--dir ${printable(path)}'`;
  }
  if (kind === "folder") {
    return use === "export"
      ? "it is a folder; an export is a tar file"
      : `it is a folder; grant it with '--dir ${printable(path)}'`;
  }
  if (kind === "other") return "it is no file, device or named pipe";
  return accessProblem(path, use === "read" || use === "image" ? "read" : "write");
}

function bringBackProblem(path: string): string | undefined {
  const problem = accessProblem(path, "change");
  const advice = "nothing could be brought back; without ':rw' its changes are gone at the end";
  return problem && `it cannot be written: ${problem}; ${advice}`;
}

/** Pairs of which one would destroy what the other needs. */
function conflicts(grants: readonly PlannedGrant[]): Diagnostic[] {
  const findings: Diagnostic[] = [];
  const identities = grants.map(({ path }) => identityOf(path));
  grants.forEach((grant, index) => {
    if (!writes(grant) || lookAt(grant.path).kind === "stream") return;
    const other = grants.find((candidate, at) => {
      return at !== index && identities[at] === identities[index] && collide(grant, candidate);
    });
    if (other === undefined) return;
    const role = other === grants[0] ? "is the program" : `is also '${printable(other.origin)}'`;
    findings.push(...found(grant, `the same file ${role}, which writing would destroy`));
  });
  return findings;
}

function writes({ use, writes: isWritten }: PlannedGrant): boolean {
  return use === "write" || use === "export" || isWritten === true;
}

/** A file may be read and written by the guest under two names, as at home. */
function collide(grant: PlannedGrant, other: PlannedGrant): boolean {
  if (grant.use === "export" || other.use === "image" || other.use === "export") return true;
  return writes(other) && grant.use === "write" && other.use === "write";
}

function failure(code: "ZVM_FILE" | "ZVM_CHANNEL", diagnostics: readonly Diagnostic[]): ZvmError {
  const [first] = diagnostics;
  const message =
    diagnostics.length === 1
      ? (first?.message ?? "")
      : `${diagnostics.length} of the grants are not possible`;
  return new ZvmError(code, message, { diagnostics });
}
