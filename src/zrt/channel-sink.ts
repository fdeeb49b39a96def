import type { Channel } from "../channels/index.ts";
import { ExportFailure } from "./fs/index.ts";
import { errnoName, shown } from "./shown.ts";

/** A channel that takes an archive from its start to its end. */
export class ChannelSink {
  readonly #channel: Channel;
  #offset = 0;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  write(bytes: Uint8Array): void {
    const count = this.#channel.write(bytes, 0, bytes.length, this.#offset);
    if (count !== bytes.length) {
      const { alias } = this.#channel.shape;
      const got = count < 0 ? errnoName(-count) : `only ${count} of ${bytes.length} bytes`;
      throw new ExportFailure(
        `Cannot write the export to ${shown(alias)} at offset ${this.#offset}: ${got}; ` +
          "raise the put limits of the channel",
      );
    }
    this.#offset += count;
  }
}
