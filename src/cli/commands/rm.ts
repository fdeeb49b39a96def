import { printable, ZvmError } from "../../base/index.ts";
import { ServiceError, type SwiftClient } from "../../zerocloud/client/index.ts";
import { CLOUD_NOTES, CLOUD_OPTIONS, shownAddress, withCloud } from "../cloud.ts";
import { ownAddress } from "../cloud-address.ts";
import { type Command, complain, JSON_OPTION, print } from "../command.ts";
import type { ParsedOptions } from "../options.ts";

/** `zerovm rm`. */
export const RM: Command = {
  name: "rm",
  usage: ["[-r] CONTAINER[/OBJECT]…"],
  description:
    "Removes objects, and containers that are empty. With -r it removes all objects whose names begin\n" +
    "with OBJECT and a slash, or a container with all that it holds; what somebody else removes\n" +
    "meanwhile is passed over. Segments of large objects go with them.",
  options: [
    { name: "recursive", short: "r", help: "All that a container or prefix holds" },
    ...CLOUD_OPTIONS,
    JSON_OPTION,
  ],
  examples: [
    { line: "zerovm rm logs/monday.log", does: "remove one object" },
    { line: "zerovm rm -r logs/2026", does: "remove all objects that begin with 2026/" },
    { line: "zerovm rm -r logs", does: "remove a container and all that it holds" },
  ],
  notes: `${CLOUD_NOTES}\nExit status: 1 where -r found no object with a prefix.`,
  run: async (parsed) => {
    if (parsed.operands.length === 0) {
      throw new ZvmError("ZVM_USAGE", "zerovm rm: name at least one CONTAINER[/OBJECT]");
    }
    const undone = "what was not named is still there";
    return await withCloud(parsed, undone, async ({ client, signal }) => {
      return await removeAll(client, signal, parsed);
    });
  },
};

interface Removal {
  readonly client: SwiftClient;
  readonly signal: AbortSignal;
  /** Told of what was removed. */
  readonly say: (name: string) => void;
}

async function removeAll(
  client: SwiftClient,
  signal: AbortSignal,
  parsed: ParsedOptions,
): Promise<number> {
  const removed: string[] = [];
  let status = 0;
  const say = (name: string): void => {
    removed.push(name);
    if (!parsed.has("json")) print(`removed ${name}`);
  };
  for (const name of parsed.operands) {
    const { container, object } = await ownAddress(client, name);
    if (parsed.has("recursive")) {
      const isThere = await removeBelow({ client, signal, say }, container, object);
      if (!isThere) status = 1;
    } else if (object !== "") {
      await client.delete(container, object, { signal });
      say(shownAddress(container, object));
    } else {
      await client.deleteContainer(container, { signal });
      say(shownAddress(container));
    }
  }
  if (parsed.has("json")) print(JSON.stringify({ removed }, null, 2));
  return status;
}

/**
 * Removes all that a container or prefix holds, and the container.
 * @returns false where there is nothing with the prefix, and it was said
 */
async function removeBelow(
  { client, signal, say }: Removal,
  container: string,
  object: string,
): Promise<boolean> {
  const prefix = object === "" || object.endsWith("/") ? object : `${object}/`;
  const remove = async (shown: string, work: () => Promise<void>): Promise<void> => {
    if (await isDoneByUs(work)) say(shown);
  };
  let found = 0;
  for await (const { name } of client.objects(container, { prefix, signal })) {
    found += 1;
    const shown = shownAddress(container, name);
    await remove(shown, () => client.delete(container, name, { signal }));
  }
  if (object === "") {
    await remove(shownAddress(container), () => client.deleteContainer(container, { signal }));
  } else if (found === 0) {
    complain(`zerovm: no object of ${shownAddress(container)} begins with ${printable(prefix)}`);
    return false;
  }
  return true;
}

/** Removes what was listed. @returns false where somebody else did before, which is as good */
async function isDoneByUs(remove: () => Promise<void>): Promise<boolean> {
  try {
    await remove();
    return true;
  } catch (error) {
    if (error instanceof ServiceError && error.status === 404) return false;
    throw error;
  }
}
