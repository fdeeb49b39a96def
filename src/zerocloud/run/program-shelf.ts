import { closeSync } from "node:fs";
import type { Manifest } from "../../zerovm/manifest/index.ts";
import type { CellPool } from "../../zerovm/pool/index.ts";
import {
  cacheFolder,
  closeProgram,
  examineAny,
  NEXE_VERSION,
  type Program,
  type ProgramVerdict,
  sha256OfFile,
} from "../../zerovm/program/index.ts";
import {
  HOST_OFFER,
  limitsOf,
  openModule,
  type SessionModule,
  scratchFile,
} from "../../zerovm/session/index.ts";
import type { FilePiece } from "../storage/index.ts";
import type { ProgramCells } from "./program-cells.ts";
import { Refusal } from "./refusal.ts";
import { bytesOfPieces, pathOfFd } from "./spooled-file.ts";

/** Programs that are kept open unless told otherwise. */
const PROGRAMS_MAX = 32;
const PROGRAM_BYTES_MAX = 2 ** 30;

/** Number of the rules that say which bytes are a program: raised when others are accepted. */
export const PROGRAM_RULES = NEXE_VERSION;

/** What a store knows of the bytes of a program. */
export interface KnownBytes {
  /** SHA-256 in hexadecimal. */
  readonly sha256?: string;
  /** Number of the rules by which they were found valid when they were stored. */
  readonly validRules?: number;
}

/** The bytes of a program, and what is known of them. */
export interface ProgramBytes extends KnownBytes {
  readonly pieces: readonly FilePiece[];
}

/**
 * A program that somebody wants, and what is known of what it holds now: one that is kept is taken
 * without opening the file.
 */
export interface ProgramFile extends KnownBytes {
  /** For messages. */
  readonly url: string;
  /** Opens it; what it holds by then counts. */
  open(): Promise<ProgramBytes>;
}

/** A program that is open until it is released. */
export interface TakenProgram {
  readonly verdict: ProgramVerdict;
  /** Of a program that was accepted: what cells compile. */
  readonly module?: SessionModule;
  /** Whether it was found valid when it was stored, by the rules of today. */
  readonly wasValid: boolean;
  /** Cells that have compiled it, of which one waits now. */
  cells(): CellPool | undefined;
  /** Path under which this process can open it. */
  readonly path: string;
  release(): void;
}

interface Kept {
  readonly verdict: ProgramVerdict;
  readonly module?: SessionModule;
  readonly fd: number;
}

/** One program under one limit of memory, with those who use it now. */
interface Entry {
  readonly kept: Promise<Kept>;
  users: number;
  isOld: boolean;
}

/**
 * Programs by the SHA-256 of their contents: judged, prepared and open, so that the next session of
 * the same one costs nothing of that. Each has a copy of its own, which stays what was judged
 * whatever becomes of its object. Those that were used last are kept.
 */
export class ProgramShelf {
  readonly #programsMax: number;
  readonly #cells: ProgramCells | undefined;
  readonly #entries = new Map<string, Entry>();

  /** @param cells for the programs that are used again and again; without it they have none */
  constructor(programsMax = PROGRAMS_MAX, cells?: ProgramCells) {
    this.#programsMax = programsMax;
    this.#cells = cells;
  }

  /**
   * @param manifest of the session: its limits decide, not its channels
   * @param use `judge` where nobody runs it yet: then it takes no place of another
   * @throws Refusal 413 where it is larger than a program can be; what opening it throws
   */
  async take(
    file: ProgramFile,
    manifest: Omit<Manifest, "program">,
    use: "run" | "judge" = "run",
  ): Promise<TakenProgram> {
    const { sha256 } = file;
    const known = sha256 === undefined ? undefined : keyOf(sha256, manifest);
    const kept = known === undefined ? undefined : this.#entries.get(known);
    if (known !== undefined && kept !== undefined) {
      this.#stand(known, kept, use);
      return found(await this.#use(known, kept, manifest), file);
    }
    const bytes = await file.open();
    const sizeBytes = bytes.pieces.reduce((sum, piece) => sum + piece.sizeBytes, 0);
    if (sizeBytes > PROGRAM_BYTES_MAX) throw new Refusal(413, "Program too large");
    const key = keyOf(await contentHash(bytes, file.url), manifest);
    const entry = this.#entries.get(key) ?? newEntry(keep(bytes, file.url, manifest));
    this.#stand(key, entry, use);
    return found(await this.#use(key, entry, manifest), bytes);
  }

  async #use(
    key: string,
    entry: Entry,
    manifest: Omit<Manifest, "program">,
  ): Promise<Omit<TakenProgram, "wasValid">> {
    entry.users += 1;
    try {
      const kept = await entry.kept;
      this.#dropOldest();
      let isTaken = true;
      const release = (): void => {
        if (isTaken) this.#leave(entry);
        isTaken = false;
      };
      const path = pathOfFd(kept.fd);
      const { verdict } = kept;
      const cells = (): CellPool | undefined => {
        if (verdict.kind === "refused") return undefined;
        return this.#cells?.use(key, verdict.program, { ...manifest, program: path });
      };
      return { ...kept, path, cells, release };
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      throw error;
    }
  }

  /** Closes what nobody uses; the rest goes when it is released. */
  close(): void {
    for (const [key, entry] of this.#entries) this.#drop(key, entry);
  }

  /** What was run last stands last; what was judged only stands first, and goes first. */
  #stand(key: string, entry: Entry, use: "run" | "judge"): void {
    if (use === "judge" && this.#entries.has(key)) return;
    const others = [...this.#entries].filter(([other]) => other !== key);
    const own: [string, Entry] = [key, entry];
    this.#entries.clear();
    for (const [name, one] of use === "run" ? [...others, own] : [own, ...others]) {
      this.#entries.set(name, one);
    }
  }

  #leave(entry: Entry): void {
    entry.users -= 1;
    if (entry.isOld && entry.users === 0) closeEntry(entry);
  }

  #dropOldest(): void {
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= this.#programsMax) return;
      this.#drop(key, entry);
    }
  }

  #drop(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#cells?.drop(key);
    entry.isOld = true;
    if (entry.users === 0) closeEntry(entry);
  }
}

/** @param known of the very bytes that were taken */
function found(taken: Omit<TakenProgram, "wasValid">, { validRules }: KnownBytes): TakenProgram {
  return { ...taken, wasValid: validRules === PROGRAM_RULES };
}

function newEntry(kept: Promise<Kept>): Entry {
  return { kept, users: 0, isOld: false };
}

/** The same for the same contents under the same limit. */
function keyOf(sha256: string, { memory }: Omit<Manifest, "program">): string {
  return `${sha256} ${memory.sizeBytes}`;
}

async function contentHash({ pieces, sha256 }: ProgramBytes, url: string): Promise<string> {
  if (sha256 !== undefined) return sha256;
  const [piece, ...more] = pieces;
  if (piece?.isWholeFile === true && more.length === 0) {
    return sha256OfFile(piece.fd, url, { cacheFolder: cacheFolder() });
  }
  const hash = process.getBuiltinModule("node:crypto").createHash("sha256");
  for await (const bytes of bytesOfPieces(pieces)) hash.update(bytes);
  return hash.digest("hex");
}

async function keep(
  { pieces }: ProgramBytes,
  url: string,
  manifest: Omit<Manifest, "program">,
): Promise<Kept> {
  const blocks: Uint8Array[] = [];
  for await (const bytes of bytesOfPieces(pieces)) blocks.push(bytes);
  const fd = scratchFile(Buffer.concat(blocks));
  try {
    const path = pathOfFd(fd);
    const whole = { ...manifest, program: path };
    const { memory: memoryBytes, table: tableElements } = limitsOf(whole);
    const verdict = await examineAny(path, { memoryBytes, tableElements, ...HOST_OFFER });
    if (verdict.kind === "refused") return { verdict: namedVerdict(verdict, path, url), fd };
    const module = moduleOrNothing(verdict.program, whole);
    return { verdict, fd, ...(module !== undefined && { module }) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function moduleOrNothing(program: Program, manifest: Manifest): SessionModule | undefined {
  try {
    return openModule(program, manifest);
  } catch (error) {
    closeProgram(program);
    throw error;
  }
}

type RefusedProgram = Extract<ProgramVerdict, { readonly kind: "refused" }>;

/** Findings name the program as the job does. */
function namedVerdict(verdict: RefusedProgram, path: string, url: string): ProgramVerdict {
  const findings = verdict.findings.map((found) => ({
    ...found,
    message: found.message.replaceAll(path, url),
    state: found.state.replaceAll(path, url),
  }));
  return { ...verdict, findings };
}

/** One that came to nothing has closed all that it had. */
function closeEntry({ kept }: Entry): void {
  void kept.then(closeKept, () => undefined);
}

function closeKept({ verdict, module, fd }: Kept): void {
  if (verdict.kind === "accepted") closeProgram(verdict.program);
  if (module !== undefined) closeSync(module.fd);
  closeSync(fd);
}
