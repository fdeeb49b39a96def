import { basename } from "node:path";
import { type ByteString, byteStringOfText, ZvmError } from "../../base/index.ts";

const PREFIX = "/dev/";

/** Names in `/dev` that are always taken. */
const RESERVED: readonly ByteString[] = [
  "stdin",
  "stdout",
  "stderr",
  "nvram",
  "null",
  "zero",
  "full",
  "random",
  "urandom",
].map((name) => PREFIX + name);

/** Gives every granted file a name of its own, and says how to choose another where it cannot. */
export class Aliases {
  readonly #pathByAlias = new Map<ByteString, string>(
    RESERVED.map((alias) => [alias, "a device of every session"]),
  );

  /** @throws ZvmError ZVM_ALIAS_CLASH when the name is taken by another file. */
  take(path: string, wanted: string | undefined, folder = ""): ByteString {
    const name = byteStringOfText(wanted ?? basename(path));
    const alias = name.startsWith(PREFIX) ? name : PREFIX + folder + name;
    const holder = this.#pathByAlias.get(alias);
    if (holder !== undefined) {
      throw new ZvmError(
        "ZVM_ALIAS_CLASH",
        `Cannot give ${path} the name ${alias}: ${holder} has it; ` +
          `name it with =ALIAS, as in '${path}=${name}-2'`,
      );
    }
    this.#pathByAlias.set(alias, path);
    return alias;
  }
}
