import { ZvmError } from "../../base/index.ts";
import { CLOUD_NOTES, CLOUD_OPTIONS, withCloud } from "../cloud.ts";
import { objectAddress } from "../cloud-address.ts";
import type { Command } from "../command.ts";
import { pour } from "../pour.ts";

/** `zerovm cat`. */
export const CAT: Command = {
  name: "cat",
  usage: ["CONTAINER/OBJECT…"],
  description: "Writes objects to standard output, one after another. Digests are compared.",
  options: CLOUD_OPTIONS,
  examples: [{ line: "zerovm cat logs/monday.log | grep error", does: "an object through a pipe" }],
  notes: CLOUD_NOTES,
  run: async (parsed) => {
    if (parsed.operands.length === 0) {
      throw new ZvmError("ZVM_USAGE", "zerovm cat: name at least one CONTAINER/OBJECT");
    }
    return await withCloud(parsed, "not all was written", async ({ client, signal }) => {
      for (const name of parsed.operands) {
        const { container, object } = await objectAddress(client, name);
        await pour((await client.get(container, object, { signal })).read());
      }
      return 0;
    });
  },
};
