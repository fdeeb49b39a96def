import type { Duplex } from "node:stream";
import { FIRST_CELL_FD, type RunningCell } from "../cell/index.ts";
import type { PipeEnd } from "./open-channels.ts";

/**
 * Connects streams of this process with the pipes of a cell.
 * @returns a promise that resolves when all that the cell wrote has been passed on.
 */
export function connectPipes(pipes: readonly PipeEnd[], cell: RunningCell): Promise<unknown> {
  return Promise.all(
    pipes.map(({ cellFd, substitute }) => {
      const end = cell.pipe(cellFd - FIRST_CELL_FD);
      // Either side may go first; what was lost with it shows in the report.
      end.on("error", () => undefined);
      if (substitute.kind === "writable") return passOn(end, substitute.stream);
      substitute.stream.pipe(end);
      end.on("close", () => substitute.stream.unpipe(end));
      end.resume();
      return undefined;
    }),
  );
}

function passOn(end: Duplex, stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    end.on("close", resolve);
    stream.on("close", () => end.destroy());
    end.pipe(stream, { end: false });
  });
}
