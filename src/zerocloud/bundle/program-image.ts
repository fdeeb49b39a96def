import { closeSync, fstatSync, openSync } from "node:fs";
import { byteStringOfText } from "../../base/index.ts";
import { attempt, descriptorSource, shownPath } from "../../zerovm/image/index.ts";
import { OWNERLESS, PROGRAM_MODE, writeTar } from "./write-tar.ts";

/**
 * Writes a system image of one program, which jobs then call `file://IMAGE:NAME`.
 * @returns its size in bytes
 * @throws ZvmError ZVM_FILE where the host cannot read or write
 */
export function writeProgramImage(program: string, name: string, output: string): number {
  const fd = attempt(`read ${shownPath(program)}`, () => openSync(program, "r"));
  try {
    const contents = descriptorSource(fd, fstatSync(fd).size);
    const path = byteStringOfText(name);
    return writeTar(output, (writer) => {
      writer.add({ path, kind: "file", mode: PROGRAM_MODE, ...OWNERLESS, contents });
    });
  } finally {
    closeSync(fd);
  }
}
