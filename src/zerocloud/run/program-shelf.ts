import type { Manifest } from "../../zerovm/manifest/index.ts";
import type { CellPool } from "../../zerovm/pool/index.ts";
import {
  cacheFolder,
  NEXE_VERSION,
  type ProgramVerdict,
  sha256OfFile,
} from "../../zerovm/program/index.ts";
import type { SessionModule } from "../../zerovm/session/index.ts";
import type { FilePiece } from "../storage/index.ts";
import { type Kept, keepProgram, namedVerdict, sizeOfPieces } from "./kept-program.ts";
import { type MakeProgram, makeProgram } from "./make-program.ts";
import type { ProgramCells } from "./program-cells.ts";
import { OPEN_PROGRAM_DOOR, type ProgramDoor } from "./program-door.ts";
import { type BeginMaking, ProgramEntry, type ProgramTaker } from "./program-entry.ts";
import { type PlaceLimits, programToDrop } from "./program-places.ts";
import { Refusal } from "./refusal.ts";
import { bytesOfPieces, pathOfFd } from "./spooled-file.ts";

/** Programs that are kept open unless told otherwise. */
const PROGRAMS_MAX = 32;
const KEPT_BYTES_MAX = 2 ** 31;
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

export interface ProgramShelfOptions {
  /** Programs that are kept open. */
  readonly programsMax?: number;
  /** Of all that are kept, with what cells compile of them. */
  readonly bytesMax?: number;
  /** For the programs that are used again and again; without it they have none. */
  readonly cells?: ProgramCells;
  /** In this thread unless given. */
  readonly make?: MakeProgram;
  /** Whose program is made next; nobody waits unless given. */
  readonly door?: ProgramDoor;
}

const NOBODY: ProgramTaker = { account: "", use: "run" };

/**
 * Programs by the SHA-256 of their contents: judged, prepared and open, so that the next session of
 * the same one costs nothing of that. Each has a copy of its own, which stays what was judged
 * whatever becomes of its object. Those that were used last are kept, of each account.
 */
export class ProgramShelf {
  readonly #limits: PlaceLimits;
  readonly #cells: ProgramCells | undefined;
  readonly #make: MakeProgram;
  readonly #door: ProgramDoor;
  readonly #entries = new Map<string, ProgramEntry>();

  constructor(options: ProgramShelfOptions = {}) {
    const { programsMax = PROGRAMS_MAX, bytesMax = KEPT_BYTES_MAX } = options;
    this.#limits = { programs: programsMax, bytes: bytesMax };
    this.#cells = options.cells;
    this.#make = options.make ?? makeProgram;
    this.#door = options.door ?? OPEN_PROGRAM_DOOR;
  }

  /**
   * @param manifest of the session: its limits decide, not its channels
   * @throws Refusal 413 where it is larger than a program can be; what the door and opening throw
   */
  async take(
    file: ProgramFile,
    manifest: Omit<Manifest, "program">,
    taker: ProgramTaker = NOBODY,
  ): Promise<TakenProgram> {
    const { sha256, url } = file;
    const known = sha256 === undefined ? undefined : keyOf(sha256, manifest);
    const kept = known === undefined ? undefined : this.#entries.get(known);
    if (known !== undefined && kept?.isBegun === true) {
      return found(await this.#use(known, kept, { taker, manifest, url }), file);
    }
    const bytes = await file.open();
    if (sizeOfPieces(bytes.pieces) > PROGRAM_BYTES_MAX) throw new Refusal(413, "Program too large");
    const key = keyOf(await contentHash(bytes, url), manifest);
    const entry = this.#entries.get(key) ?? new ProgramEntry(taker);
    const { pieces } = bytes;
    return found(await this.#use(key, entry, { taker, manifest, pieces, url }), bytes);
  }

  async #use(key: string, entry: ProgramEntry, use: ProgramUse): Promise<UsedProgram> {
    const { taker, manifest, pieces = [], url } = use;
    this.#stand(key, entry, taker);
    entry.users += 1;
    try {
      const begin: BeginMaking = async (turn, onRead) => {
        return await keepProgram({ pieces, manifest, make: this.#make, turn }, onRead).catch(
          (error: unknown) => {
            this.#forget(key, entry);
            throw error;
          },
        );
      };
      const kept = await entry.kept(taker, this.#door, begin);
      this.#dropOldest();
      let isTaken = true;
      const release = (): void => {
        if (isTaken) entry.leave();
        isTaken = false;
      };
      const path = pathOfFd(kept.fd);
      // Nobody would end the cells of one that is not kept any more.
      const cells = (): CellPool | undefined => {
        if (this.#entries.get(key) !== entry) return undefined;
        return this.#cellsFor(key, kept, { ...manifest, program: path });
      };
      return { ...kept, verdict: namedVerdict(kept, url), path, cells, release };
    } catch (error) {
      entry.leave();
      // Others may still wait for their turn to make it; one that is being made stays.
      if (!entry.isBegun && entry.users === 0) this.#forget(key, entry);
      throw error;
    }
  }

  /** Of one that has nothing open: whoever wants it next makes it anew. */
  #forget(key: string, entry: ProgramEntry): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }

  #cellsFor(key: string, { verdict, module }: Kept, manifest: Manifest): CellPool | undefined {
    if (verdict.kind === "refused" || module === undefined) return undefined;
    return this.#cells?.use(key, { program: verdict.program, module }, manifest);
  }

  /** Closes what nobody uses; the rest goes when it is released. */
  close(): void {
    for (const key of [...this.#entries.keys()]) this.#drop(key);
  }

  /** What was run last stands last; what was judged only stands first, and goes first. */
  #stand(key: string, entry: ProgramEntry, { use, account }: ProgramTaker): void {
    if (use === "judge" && this.#entries.has(key)) return;
    entry.account = account;
    const others = [...this.#entries].filter(([other]) => other !== key);
    const own: [string, ProgramEntry] = [key, entry];
    this.#entries.clear();
    for (const [name, one] of use === "run" ? [...others, own] : [own, ...others]) {
      this.#entries.set(name, one);
    }
    entry.isRun ||= use === "run";
  }

  #dropOldest(): void {
    for (;;) {
      const key = programToDrop(this.#entries, this.#limits);
      if (key === undefined) return;
      this.#drop(key);
    }
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    this.#cells?.drop(key);
    entry?.drop();
  }
}

/** Who wants a program under which limits; its bytes, where they may have to be judged. */
interface ProgramUse {
  readonly taker: ProgramTaker;
  readonly manifest: Omit<Manifest, "program">;
  readonly pieces?: readonly FilePiece[];
  /** What the taker calls it. */
  readonly url: string;
}

type UsedProgram = Omit<TakenProgram, "wasValid">;

/** @param known of the very bytes that were taken */
function found(taken: UsedProgram, { validRules }: KnownBytes): TakenProgram {
  return { ...taken, wasValid: validRules === PROGRAM_RULES };
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
