import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ZEROVM } from "../../../support/command-line.ts";
import { craftedTar } from "../../../support/crafted-tar.ts";

/** System images of both clouds. */
export interface SystemImages {
  /** Settings that name them, for `zerovm serve` and for coordinator and workers. */
  readonly config: string;
  remove(): void;
}

/** Makes the images where the workers of a cluster, which are other users, can read them. */
export function makeImages(): SystemImages {
  const folder = mkdtempSync(join(tmpdir(), "zerovm-images-"));
  chmodSync(folder, 0o755);
  const path = (name: string): string => join(folder, `${name}.tar`);
  for (const name of ["python", "php"]) {
    execFileSync(process.execPath, [ZEROVM, "runtime", "image", name, "-o", path(name)]);
  }
  const tools = [
    { name: "etc/system", contents: "of the system" },
    { name: "etc/text", contents: "of the system" },
  ];
  writeFileSync(path("tools"), craftedTar(tools));
  const lines = ["python", "php", "tools"].map((name) => {
    chmodSync(path(name), 0o644);
    return `  ${name}: ${path(name)}\n`;
  });
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  return { config: `images:\n${lines.join("")}`, remove };
}
