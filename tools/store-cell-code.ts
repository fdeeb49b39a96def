import { closeSync, existsSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { encodeOrder, startCell, warmOrder } from "../src/zerovm/cell/index.ts";
import { WALLS, type WallName } from "../src/zerovm/walls/index.ts";
import { warmGuest } from "./warm-guest.ts";

/** A locked process could not write what it has to keep. */
const WALL_NAMES = Object.keys(WALLS) as WallName[];

const TRIES_MAX = 250;

/** The guest by which cells warm up, beside the built cell. */
export function warmGuestFile(root: string): string {
  return join(root, "dist", "warm.wasm");
}

/**
 * Stores the engine's code of the built cell below `root`, for the Node that runs this: a cell
 * starts some milliseconds sooner with it, and as well without it.
 * @param codeFile where the cell puts it
 * @returns whether there is code now
 */
export async function storeCellCode(root: string, codeFile: string): Promise<boolean> {
  const starter = join(root, "bin", "cell.js");
  if (!existsSync(starter) || !existsSync(join(root, "dist", "cell.cjs"))) return false;
  const program = warmGuestFile(root);
  const bytes = await warmGuest();
  writeFileSync(program, bytes);
  const fds = [openSync(program, "r"), openSync("/dev/null", "r+")];
  try {
    const cell = startCell({
      order: encodeOrder(warmOrder(bytes.length)),
      handovers: fds,
      answerBytesMax: 2 ** 20,
      onStart: () => undefined,
      launch: { program: [starter, "--store"], hasNamespaces: false, without: WALL_NAMES },
    });
    if ((await cell.end).answer === undefined) return false;
  } finally {
    for (const fd of fds) closeSync(fd);
  }
  // The cell writes it after its answer.
  for (let tries = 0; tries < TRIES_MAX && !existsSync(codeFile); tries += 1) await setTimeout(20);
  return existsSync(codeFile);
}
