import { type ByteString, byteStringOfText, bytesOf } from "../../base/index.ts";
import { HostFolder } from "../../zerovm/image/index.ts";
import { OWN_ACCOUNT } from "../job/index.ts";
import type { Listed, Listings, ListRequest } from "../plan/index.ts";
import { type LeftOut, LeftOutList } from "./left-out.ts";
import { containersIn, filesBelow, isGone, type Walk } from "./walk.ts";

/** A listing that gave a page and can go on. */
interface Open {
  readonly key: string;
  readonly names: Iterator<ByteString>;
  /** The last name that it gave. */
  last: ByteString;
}

/**
 * A folder of the host as the account `~`: its sub-folders are the containers, the regular files
 * below them the objects. No link is followed, so nothing outside of the folder is seen; the folder
 * itself may be given as a link.
 */
export class FolderListings implements Listings {
  readonly #store: HostFolder;
  readonly #leftOut = new LeftOutList();
  /** The next page goes on where the last one ended: no folder is read twice for one listing. */
  #open: Open | undefined;

  /** @throws the host's error where there is no such folder, or it cannot be read */
  constructor(folder: string) {
    this.#store = new HostFolder(folder);
  }

  /** What was passed by in the folders that were listed. */
  get leftOut(): readonly LeftOut[] {
    return this.#leftOut.entries;
  }

  /** Ends the listing that is open, and closes the folder. */
  close(): void {
    this.#end();
    this.#store.close();
  }

  async list(request: ListRequest): Promise<Listed> {
    const { account, container } = request;
    if (account !== OWN_ACCOUNT) return { refusal: "missing" };
    if (container !== undefined && !isPart(container)) return { refusal: "missing" };
    try {
      return { names: this.#page(request) };
    } catch (error) {
      this.#end();
      return { refusal: refusalOf(error) };
    }
  }

  #page(request: ListRequest): string[] {
    const marker = byteStringOfText(request.marker);
    const { key, names } = this.#resume(request, marker);
    const page: ByteString[] = [];
    while (page.length < request.limit) {
      const next = names.next();
      if (next.done === true) {
        this.#open = undefined;
        return page.map(textOfName);
      }
      if (next.value > marker) page.push(next.value);
    }
    this.#open = { key, names, last: page.at(-1) ?? marker };
    return page.map(textOfName);
  }

  #resume({ container, prefix }: ListRequest, marker: ByteString): Omit<Open, "last"> {
    const key = JSON.stringify([container, prefix]);
    if (this.#open?.key === key && this.#open.last === marker) return this.#open;
    this.#end();
    const base = container === undefined ? "" : `${byteStringOfText(container)}/`;
    const walk = { prefix: byteStringOfText(prefix), base, leftOut: this.#leftOut };
    const names =
      container === undefined
        ? containersIn(this.#store, walk)
        : filesOf(() => this.#container(walk), walk);
    return { key, names };
  }

  #container({ base, leftOut }: Walk): HostFolder {
    const name = base.slice(0, -1);
    try {
      return this.#store.openFolder(name);
    } catch (error) {
      const isThere = isGone(error) && codeOf(error) !== "ENOENT";
      if (isThere) leftOut.add(textOfName(name), "it is no folder, or a symbolic link");
      throw error;
    }
  }

  #end(): void {
    this.#open?.names.return?.();
    this.#open = undefined;
  }
}

/** Opens the container when the first name is asked for, so that ending it always closes it. */
function* filesOf(open: () => HostFolder, walk: Walk): Generator<ByteString> {
  const container = open();
  try {
    yield* filesBelow(container, walk);
  } finally {
    container.close();
  }
}

/** Whether a name stays in the folder in which it is looked up. */
function isPart(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !/[/\0]/.test(name);
}

function refusalOf(error: unknown): "missing" | "denied" | "failed" {
  if (isGone(error)) return "missing";
  const code = codeOf(error);
  return code === "EACCES" || code === "EPERM" ? "denied" : "failed";
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

const NAMES = new TextDecoder("utf-8", { ignoreBOM: true });

/** A mark at the start of a name belongs to it. */
function textOfName(name: ByteString): string {
  return NAMES.decode(bytesOf(name));
}
