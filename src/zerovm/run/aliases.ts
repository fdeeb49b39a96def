import { basename, resolve } from "node:path";
import {
  type ByteString,
  byteStringOfText,
  printable,
  textOf,
  ZvmError,
} from "../../base/index.ts";

const PREFIX = "/dev/";

const STANDARD = ["stdin", "stdout", "stderr"].map((name) => PREFIX + name);
const EMULATED = ["null", "zero", "full", "random", "urandom", "zfork"].map(
  (name) => PREFIX + name,
);
/** Where `--save` puts the configuration. */
const NVRAM = `${PREFIX}nvram`;

const EVERY_SESSION = "a device of every session";

/** Gives everything that is granted a name of its own, or says how to choose another. */
export class Aliases {
  readonly #holders = new Map<ByteString, string>(
    [...STANDARD, ...EMULATED, NVRAM].map((alias) => [alias, EVERY_SESSION]),
  );

  /** An alias inside of each folder that aliases make. */
  readonly #inside = new Map<ByteString, ByteString>();

  /**
   * The name of a granted file: its own in `/dev`, or the one that was asked for.
   *
   * @throws ZvmError ZVM_ALIAS_CLASH when the name is taken, ZVM_USAGE when it is none.
   */
  take(path: string, wanted: string | undefined): ByteString {
    const name = wanted ?? basename(resolve(path));
    const bytes = byteStringOfText(name);
    const alias = bytes.startsWith(PREFIX) ? bytes : PREFIX + bytes;
    const shown = printable(path);
    if (!isName(alias)) {
      throw new ZvmError(
        "ZVM_USAGE",
        `Cannot give ${shown} the name ${printable(textOf(alias))}: ` +
          "a name has no empty, '.' or '..' part and no NUL",
      );
    }
    const taken = this.#takenAt(alias);
    if (taken !== undefined) {
      const why = taken.alias === alias ? `${taken.holder} has it` : nesting(alias, taken);
      throw new ZvmError(
        "ZVM_ALIAS_CLASH",
        `Cannot give ${shown} the name ${printable(textOf(alias))}: ${why}; ` +
          `name it with =ALIAS, as in '${shown}=${this.#proposal(name)}'`,
      );
    }
    this.#hold(alias, shown);
    return alias;
  }

  /** The name of an image's channel, which nobody chooses: numbered where it is taken. */
  takeForImage(path: string): ByteString {
    const folder = this.#numbered(`${PREFIX}mount`, (name) => !this.#holders.has(name));
    const wanted = `${folder}/${byteStringOfText(basename(path))}`;
    const alias = this.#numbered(wanted, (name) => this.#takenAt(name) === undefined);
    this.#hold(alias, printable(path));
    return alias;
  }

  /**
   * A channel that names its alias itself. It may stand in for a standard stream or a device.
   *
   * @throws ZvmError ZVM_ALIAS_CLASH when the name is taken.
   */
  declare(alias: ByteString, text: string): void {
    const taken = this.#takenAt(alias);
    const isStandIn = taken?.alias === alias && taken.holder === EVERY_SESSION && alias !== NVRAM;
    if (taken !== undefined && !isStandIn) {
      const name = printable(textOf(alias));
      const why =
        taken.alias === alias
          ? `${taken.holder} has the alias ${name}`
          : `its alias is ${name}, and ${nesting(alias, taken)}`;
      const message = `Cannot declare the channel '${printable(text)}': ${why}`;
      throw new ZvmError("ZVM_ALIAS_CLASH", message);
    }
    this.#hold(alias, `the channel '${printable(text)}'`);
  }

  #hold(alias: ByteString, holder: string): void {
    this.#holders.set(alias, holder);
    for (const folder of foldersOf(alias)) this.#inside.set(folder, alias);
  }

  /** Who has the alias, or one that it is inside of, or one inside of it: no path leads to both. */
  #takenAt(alias: ByteString): Taken | undefined {
    const holder = this.#holders.get(alias);
    if (holder !== undefined) return { alias, holder };
    const around = foldersOf(alias).find((folder) => this.#holders.has(folder));
    const other = around ?? this.#inside.get(alias);
    if (other !== undefined) return { alias: other, holder: this.#holders.get(other) ?? "" };
    return undefined;
  }

  #numbered(wanted: ByteString, isFree: (name: ByteString) => boolean): ByteString {
    let name = wanted;
    for (let number = 2; !isFree(name); number++) name = `${wanted}-${number}`;
    return name;
  }

  /** Inside of a name that is taken nothing is free: that one is numbered instead. */
  #proposal(name: string): string {
    const alias = byteStringOfText(name.startsWith(PREFIX) ? name : PREFIX + name);
    const base = foldersOf(alias).find((folder) => this.#holders.has(folder)) ?? alias;
    let number = 2;
    while (this.#takenAt(`${base}-${number}`) !== undefined) number += 1;
    return printable(textOf(`${base}-${number}`.slice(PREFIX.length)));
  }
}

interface Taken {
  readonly alias: ByteString;
  readonly holder: string;
}

/** `a/b` is inside of `a`: where both were there, no path would lead to `a`. */
function nesting(alias: ByteString, { alias: other, holder }: Taken): string {
  const shown = `${printable(textOf(other))} (${holder})`;
  return alias.startsWith(`${other}/`) ? `it is inside of ${shown}` : `${shown} is inside of it`;
}

/** Of `/dev/a/b/c`: `/dev/a` and `/dev/a/b`. */
function foldersOf(alias: ByteString): ByteString[] {
  const folders: ByteString[] = [];
  for (let end = alias.indexOf("/", PREFIX.length); end > 0; end = alias.indexOf("/", end + 1)) {
    folders.push(alias.slice(0, end));
  }
  return folders;
}

function isName(alias: ByteString): boolean {
  const parts = alias.slice(PREFIX.length).split("/");
  return !alias.includes("\0") && parts.every((part) => !["", ".", ".."].includes(part));
}
