import { closeSync } from "node:fs";
import type { Finding, Manifest } from "../../zerovm/manifest/index.ts";
import type { ProgramVerdict } from "../../zerovm/program/index.ts";
import type { Report } from "../../zerovm/report/index.ts";
import { scratchFile } from "../../zerovm/session/index.ts";
import type { FilePiece } from "../storage/index.ts";
import { closeMade, type MadeProgram, type MakeProgram } from "./make-program.ts";
import type { ProgramTurn } from "./program-door.ts";
import { bytesOfPieces, pathOfFd, spool } from "./spooled-file.ts";

/** A program, judged and open, in a copy of its own. */
export interface Kept extends MadeProgram {
  readonly fd: number;
  /** Of its bytes, and of what cells compile of them. */
  readonly sizeBytes: number;
}

/** A program that is to be kept. */
export interface ToKeep {
  readonly pieces: readonly FilePiece[];
  readonly manifest: Omit<Manifest, "program">;
  readonly make: MakeProgram;
  readonly turn: ProgramTurn;
}

/** The largest that is kept in memory, and not in the folder for temporary files. */
const IN_MEMORY_BYTES_MAX = 64 * 2 ** 20;

/**
 * Copies, judges and prepares a program.
 * @param onCopied called when its pieces are not read any more
 */
export async function keepProgram(
  { pieces, manifest, make, turn }: ToKeep,
  onCopied: () => void,
): Promise<Kept> {
  const programBytes = sizeOfPieces(pieces);
  const fd = await copied(pieces, programBytes);
  onCopied();
  try {
    const path = pathOfFd(fd);
    const made = await make({ ...manifest, program: path }, turn);
    return { ...made, fd, sizeBytes: programBytes + (made.module?.sizeBytes ?? 0) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

export function sizeOfPieces(pieces: readonly FilePiece[]): number {
  return pieces.reduce((sum, piece) => sum + piece.sizeBytes, 0);
}

/** Others get their turn between the blocks. */
async function copied(pieces: readonly FilePiece[], sizeBytes: number): Promise<number> {
  const bytes = bytesOfPieces(pieces);
  if (sizeBytes > IN_MEMORY_BYTES_MAX) return (await spool(bytes, sizeBytes, "")).fd;
  const blocks: Uint8Array[] = [];
  for await (const block of bytes) blocks.push(block);
  return scratchFile(Buffer.concat(blocks));
}

/**
 * Findings name the program as whoever takes it does: the same bytes are kept once for all, and
 * nobody is to hear what others call theirs.
 */
export function namedVerdict({ verdict, fd }: Kept, url: string): ProgramVerdict {
  if (verdict.kind === "accepted") return verdict;
  return { ...verdict, findings: namedFindings(verdict.findings, pathOfFd(fd), url) };
}

/** The same of what only a session found: the engine looks at code that nobody judged before. */
export function namedReport(report: Report, path: string, url: string): Report {
  const { outcome } = report;
  if (outcome.kind !== "refused") return report;
  const findings = namedFindings(outcome.findings, path, url);
  return { ...report, outcome: { ...outcome, findings } };
}

function namedFindings<Found extends Finding>(
  findings: readonly Found[],
  path: string,
  url: string,
): Found[] {
  return findings.map((found) => ({
    ...found,
    message: found.message.replaceAll(path, url),
    state: found.state.replaceAll(path, url),
  }));
}

export function closeKept(kept: Kept): void {
  closeMade(kept);
  closeSync(kept.fd);
}
