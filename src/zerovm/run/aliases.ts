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
    const holder = this.#holders.get(alias);
    if (holder !== undefined) {
      throw new ZvmError(
        "ZVM_ALIAS_CLASH",
        `Cannot give ${shown} the name ${printable(textOf(alias))}: ${holder} has it; ` +
          `name it with =ALIAS, as in '${shown}=${this.#proposal(name)}'`,
      );
    }
    this.#holders.set(alias, shown);
    return alias;
  }

  /** The name of an image's channel, which nobody chooses: numbered where it is taken. */
  takeForImage(path: string): ByteString {
    const wanted = `${PREFIX}mount/${byteStringOfText(basename(path))}`;
    let alias = wanted;
    for (let number = 2; this.#holders.has(alias); number++) alias = `${wanted}-${number}`;
    this.#holders.set(alias, printable(path));
    return alias;
  }

  /**
   * A channel that names its alias itself. It may stand in for a standard stream or a device.
   *
   * @throws ZvmError ZVM_ALIAS_CLASH when the name is taken.
   */
  declare(alias: ByteString, text: string): void {
    const holder = this.#holders.get(alias);
    const isFree = holder === undefined || (holder === EVERY_SESSION && alias !== NVRAM);
    if (!isFree) {
      throw new ZvmError(
        "ZVM_ALIAS_CLASH",
        `Cannot declare the channel '${printable(text)}': ${holder} has the alias ` +
          `${printable(textOf(alias))}`,
      );
    }
    this.#holders.set(alias, `the channel '${printable(text)}'`);
  }

  #proposal(name: string): string {
    const plain = printable(name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name);
    let number = 2;
    while (this.#holders.has(`${PREFIX}${plain}-${number}`)) number += 1;
    return `${plain}-${number}`;
  }
}

function isName(alias: ByteString): boolean {
  const parts = alias.slice(PREFIX.length).split("/");
  return !alias.includes("\0") && parts.every((part) => !["", ".", ".."].includes(part));
}
