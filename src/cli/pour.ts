import { ZvmError } from "../base/index.ts";
import { reasonOf } from "../zerovm/index.ts";

/**
 * Writes bytes to standard output at the speed at which they are taken.
 * @throws ZvmError ZVM_FILE where they cannot be written; a reader that went away ends the process
 */
export async function pour(pieces: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const piece of pieces) {
    const cause = await new Promise<Error | null | undefined>((done) => {
      process.stdout.write(piece, done);
    });
    if (cause === null || cause === undefined) continue;
    if ("code" in cause && cause.code === "EPIPE") process.exit(0);
    const message = `Cannot write to standard output: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_FILE", message, { cause });
  }
}
