/** Assembly text that no program of Native Client can be made of; the message says why. */
export class NotBuilt extends Error {
  override readonly name = "NotBuilt";
}
