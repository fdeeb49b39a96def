/** The thread that makes programs ready: the entry of a bundle of its own. */
import { parentPort } from "node:worker_threads";
import { type ErrorCode, ZvmError } from "../../base/index.ts";
import type { MemberTable } from "../../tar/index.ts";
import { type IndexImageOptions, indexImage } from "../../zerovm/image/index.ts";
import type { Manifest } from "../../zerovm/manifest/index.ts";
import { closeMade, type MadeProgram, makeProgram } from "./make-program.ts";

/**
 * What a thread is told: to make a program, to read the headers of an image, or that what it made
 * has been taken over.
 */
export type ThreadOrder =
  | { readonly manifest: Manifest }
  | { readonly imagePath: string; readonly options: IndexImageOptions }
  | "taken";

/** What a `MemberTable` is made of. */
export type TableParts = Pick<MemberTable, "numbers" | "paths" | "links" | "outline">;

/** What it says: what it made, with descriptors of this process, or why it could not. */
export type ThreadAnswer =
  | { readonly made: MadeProgram }
  | { readonly table: TableParts }
  | { readonly failure: { readonly code?: ErrorCode; readonly message: string } };

let made: MadeProgram | undefined;

async function answer(order: ThreadOrder): Promise<ThreadAnswer | undefined> {
  if (order === "taken") {
    if (made !== undefined) closeMade(made);
    made = undefined;
    return undefined;
  }
  try {
    if ("imagePath" in order) {
      const { numbers, paths, links, outline } = indexImage(order.imagePath, order.options);
      return { table: { numbers, paths, links, outline } };
    }
    made = await makeProgram(order.manifest);
    return { made };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof ZvmError ? { code: error.code } : {};
    return { failure: { ...code, message } };
  }
}

parentPort?.on("message", (order: ThreadOrder) => {
  void answer(order).then((said) => {
    if (said === undefined) return;
    const moved = "table" in said ? [said.table.numbers.buffer] : [];
    parentPort?.postMessage(said, moved);
  });
});
