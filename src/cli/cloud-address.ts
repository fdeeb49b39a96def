import { ZvmError } from "../base/index.ts";
import { type Address, parseAddress, type SwiftClient } from "../zerocloud/client/index.ts";

/**
 * Reads an address of the account that the client is signed in to.
 * @throws ZvmError ZVM_USAGE for another account, whose objects this command cannot reach
 */
export async function ownAddress(client: SwiftClient, text: string): Promise<Address> {
  const address = parseAddress(text);
  if (address.account === "~" || address.account === (await client.account())) return address;
  const message = `${JSON.stringify(text)} is of another account than the one that is signed in`;
  throw new ZvmError("ZVM_USAGE", message);
}

/** The same, where an object has to be named. */
export async function objectAddress(client: SwiftClient, text: string): Promise<Address> {
  const address = await ownAddress(client, text);
  if (address.object !== "" && !address.object.endsWith("/")) return address;
  throw new ZvmError("ZVM_USAGE", `${JSON.stringify(text)} names no object; say CONTAINER/OBJECT`);
}
