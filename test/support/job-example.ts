/** For tests: the examples that are jobs, to be run elsewhere than in folders. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { copyExample, exampleNames, isJobRun, readExample, runStep, type Step } from "./example.ts";

/** What an example sends to a cloud, and what has to come of it. */
export interface JobExample {
  readonly job: string;
  /** Contents by `CONTAINER/OBJECT`. */
  readonly objects: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** Paths of the system images that it takes, by name. */
  readonly images: ReadonlyMap<string, string>;
  /** Of all nodes, behind each other. */
  readonly answer: string;
  /** Objects that it leaves, and all that they hold, behind each other. */
  readonly leaves: { readonly paths: readonly string[]; readonly contents: string };
}

/** Where an account of a cloud is, and what lets one in. */
export interface AccountDoor {
  readonly storageUrl: string;
  readonly token: string;
}

const STORE = "store";

export function jobExampleNames(): string[] {
  return exampleNames().filter((name) => readExample(name).steps.some(isJobRun));
}

/** Makes the programs of an example in a fresh copy of it, as it says itself. @returns the copy */
export async function prepareJob(name: string, folder: string): Promise<string> {
  const { steps } = readExample(name);
  const copy = copyExample(name, folder);
  for (const step of steps.slice(0, steps.findIndex(isJobRun))) {
    const { status, stderr } = await runStep(step, copy);
    if (status !== 0) throw new Error(`${step.command.join(" ")} ended with ${status}: ${stderr}`);
  }
  return copy;
}

/** The job of an example in a copy that has its programs, and maybe what it left. */
export function jobIn(name: string, copy: string): JobExample {
  const { steps } = readExample(name);
  const run = steps.find(isJobRun);
  if (run === undefined) throw new Error(`The example ${name} runs no job`);
  const shown = steps.filter(({ command }) => command[0] === "cat");
  const paths = shown.flatMap(({ command }) => command.slice(1).map(pathInStore));
  const objects = objectsIn(join(copy, STORE));
  for (const path of paths) objects.delete(path);
  return {
    job: readFileSync(join(copy, run.command.at(-1) ?? ""), "utf8"),
    objects,
    images: imagesOf(run, copy),
    answer: textOf(run),
    leaves: { paths, contents: shown.map(textOf).join("") },
  };
}

/** Stores the objects of a job, and sends it. @returns status and text of the answer */
export async function sendJob(
  door: AccountDoor,
  { job, objects }: JobExample,
): Promise<{ readonly status: number; readonly text: string }> {
  for (const name of new Set([...objects.keys()].map((path) => path.split("/", 1)[0]))) {
    await mustSend(door, "PUT", `/${name}`);
  }
  for (const [path, contents] of objects) await mustSend(door, "PUT", `/${path}`, contents);
  const headers = { "X-Zerovm-Execute": "1.0", "Content-Type": "application/json" };
  return await send(door, "POST", "", { headers, body: job });
}

/** What the objects hold that a job leaves, behind each other. */
export async function contentsLeft(door: AccountDoor, { leaves }: JobExample): Promise<string> {
  const texts: string[] = [];
  for (const path of leaves.paths) texts.push(await mustSend(door, "GET", `/${path}`));
  return texts.join("");
}

async function mustSend(
  door: AccountDoor,
  method: string,
  path: string,
  body?: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const { status, text } = await send(door, method, path, body === undefined ? {} : { body });
  if (status < 300) return text;
  throw new Error(`${method} ${path} was answered with ${status}: ${text}`);
}

async function send(
  { storageUrl, token }: AccountDoor,
  method: string,
  path: string,
  {
    headers = {},
    body,
  }: { headers?: Record<string, string>; body?: string | Uint8Array<ArrayBuffer> },
) {
  const all = { "X-Auth-Token": token, ...headers };
  const asked = { method, headers: all, ...(body !== undefined && { body }) };
  const answer = await fetch(`${storageUrl}${path}`, asked);
  return { status: answer.status, text: await answer.text() };
}

function objectsIn(store: string): Map<string, Uint8Array<ArrayBuffer>> {
  const paths = readdirSync(store, { recursive: true, encoding: "utf8" }).sort();
  const files = paths.filter((path) => statSync(join(store, path)).isFile());
  return new Map(files.map((path) => [path, new Uint8Array(readFileSync(join(store, path)))]));
}

/** Of the words `--image NAME=TAR` of a step. */
function imagesOf({ command }: Step, folder: string): Map<string, string> {
  const images = new Map<string, string>();
  for (const [index, word] of command.entries()) {
    const [name, path] = (command[index + 1] ?? "").split("=");
    if (word === "--image" && name !== undefined && path !== undefined) {
      images.set(name, join(folder, path));
    }
  }
  return images;
}

function textOf({ stdout = [] }: Step): string {
  return stdout.map((line) => `${line}\n`).join("");
}

function pathInStore(path: string): string {
  return path.slice(`${STORE}/`.length);
}
