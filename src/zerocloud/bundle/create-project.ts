import { existsSync, mkdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { ZvmError } from "../../base/index.ts";
import { attempt, shownPath } from "../../zerovm/image/index.ts";
import { type TemplateName, templateFiles } from "../zapp/index.ts";

/**
 * Makes a new project of a template, all of it or nothing.
 * @returns the paths of its files
 * @throws ZvmError ZVM_FILE where a file of the template is there already, or cannot be made
 */
export function createProject(folder: string, template: TemplateName): string[] {
  const files = templateFiles(template, projectName(folder));
  const made: (() => void)[] = [];
  try {
    for (const [path, text] of files) makeFile(join(folder, path), text, made);
    return files.map(([path]) => path);
  } catch (error) {
    for (const undo of made.reverse()) undo();
    throw error;
  }
}

/** The last part of the path, as far as it can be the name of a bundle. */
function projectName(folder: string): string {
  const name = basename(resolve(folder))
    .replace(/[^\w.-]+/g, "-")
    .replace(/^[.-]+/, "");
  return name === "" ? "zapp" : name.slice(0, NAME_CHARACTERS_MAX);
}

const NAME_CHARACTERS_MAX = 100;

function makeFile(path: string, text: string, made: (() => void)[]): void {
  makeFolder(dirname(path), made);
  attempt(`make ${shownPath(path)}`, () => {
    if (existsSync(path)) {
      const message = `${shownPath(path)} is there already; nothing was made`;
      throw new ZvmError("ZVM_FILE", message);
    }
    writeFileSync(path, text, { flag: "wx" });
    made.push(() => rmSync(path, { force: true }));
  });
}

function makeFolder(path: string, made: (() => void)[]): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path), made);
  attempt(`make ${shownPath(path)}`, () => mkdirSync(path));
  made.push(() => rmdirSync(path));
}
