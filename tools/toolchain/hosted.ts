/**
 * Programs with a C library, compiled to a nexe and to a module for WASI: both print the same in
 * sessions with the same files, arguments and environment.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compileC, type NexeLibrary } from "../../src/zerovm/compile/index.ts";
import { difference, findingsOf, runInSession } from "./check.ts";
import type { NativeRun, Workshop } from "./compiled.ts";
import { faultsAt, GUEST } from "./levels.ts";

export const HOSTED = join("test", "toolchain", "hosted");
export const HOSTED_LEVELS = ["0", "1", "2", "3"];

/** Programs that WASI's C library is not enough for: compared with a process of this machine. */
const NATIVE = ["jumps", "signals"];
const IMAGE_TIME = "@1700000000";
const ARGUMENTS = ["one", "two three"];
/** What stands before a program, so that it finds something. */
const world = (image: string): string[] => ["--image", image, "-e", "WORD=hi"];

/** A message for each level at which something is wrong. */
export async function tryHosted(
  workshop: Workshop,
  library: NexeLibrary,
  name: string,
): Promise<string[]> {
  const source = join(HOSTED, `${name}.c`);
  const image = makeImage(workshop);
  const expected = await expectedRun(workshop, name, image);
  return faultsAt(name, HOSTED_LEVELS, (level) => {
    const file = workshop.nexe(source, level, library);
    const place = workshop.path(`${name}.nexe`);
    writeFileSync(place, file);
    const [finding] = findingsOf(file);
    const run = runInSession([...world(image), place, ...ARGUMENTS], "");
    return finding ?? difference(expected, run) ?? streams(expected, run);
  });
}

interface Expected extends NativeRun {
  readonly stderr: string;
}

async function expectedRun(workshop: Workshop, name: string, image: string): Promise<Expected> {
  const source = join(HOSTED, `${name}.c`);
  if (NATIVE.includes(name)) return { ...workshop.runNative(source, HOSTED, ""), stderr: "" };
  const output = workshop.path(`${name}.wasm`);
  const request = { target: "wasi", product: "program", options: ["-O1"], isBare: false } as const;
  await compileC({ ...request, files: [source], output, guest: GUEST, onMake });
  return runInSession([...world(image), output, ...ARGUMENTS], "");
}

/** A module has its library from the system. */
function onMake(): void {}

function streams(expected: Expected, found: Expected): string | undefined {
  if (expected.stderr === found.stderr) return undefined;
  return `standard error is ${JSON.stringify(found.stderr)}`;
}

/** The tar archive that is the root of both. */
function makeImage(workshop: Workshop): string {
  const root = workshop.path("root");
  mkdirSync(join(root, "data", "deep"), { recursive: true });
  writeFileSync(join(root, "data", "lines.txt"), "first line\nsecond line\nthird\n");
  writeFileSync(join(root, "data", "deep", "empty"), "");
  const image = workshop.path("root.tar");
  const options = ["--sort=name", "--mode=u=rwX,go=rX", `--mtime=${IMAGE_TIME}`];
  const run = spawnSync("tar", [...options, "-C", root, "-cf", image, "data"]);
  if (run.status !== 0) throw new Error(`tar made no image: ${run.stderr}`);
  return image;
}
