import { ERRNO, type Errno } from "../../base/index.ts";
import type { Channel } from "../../channels/index.ts";
import type {
  Access,
  Device,
  DeviceStat,
  DeviceType,
  OpenDevice,
  Spans,
  Whence,
} from "../fs/index.ts";
import { MAPPED_TYPE, type Mapping, type Mappings } from "./mapping.ts";

/** A channel as a file in `/dev`; the rules are those of `docs/reference/channels.md`. */
export class ChannelDevice implements Device {
  readonly isChannel = true;
  readonly channel: Channel;
  readonly #mappings: Mappings;

  constructor(channel: Channel, mappings: Mappings) {
    this.channel = channel;
    this.#mappings = mappings;
  }

  get #mapping(): Mapping | undefined {
    return this.#mappings.get(this.channel.shape.alias);
  }

  stat(): DeviceStat {
    const { readable, writable } = this.channel;
    return {
      type: this.#type(),
      mode: (readable ? 0o400 : 0) | (writable ? 0o200 : 0),
      sizeBytes: this.#shownSize(),
    };
  }

  open(access: Access): Errno {
    const { readable, writable, shape } = this.channel;
    const type = this.#type();
    const isStream = type === "fifo" || type === "character";
    if (shape.type === 1 && readable && writable && !isStream && !access.append) {
      return ERRNO.EPERM;
    }
    const cuts = access.truncate && this.#mapping?.truncate === true;
    if (access.truncate && !isStream && !cuts) return ERRNO.EPERM;
    if ((access.read && !readable) || (access.write && !writable)) return ERRNO.EACCES;
    if (cuts && access.write) return this.truncate(0);
    return ERRNO.OK;
  }

  read(file: OpenDevice, memory: Uint8Array, spans: Spans): number {
    const { channel } = this;
    if (channel.sequentialRead) {
      const count = channel.readSpans(memory, spans.pairs, spans.count, 0);
      if (channel.shape.type === 0 && count > 0) file.position += count;
      return count;
    }
    const count = this.readAt(memory, spans, file.position);
    if (count > 0) file.position += count;
    return count;
  }

  write(file: OpenDevice, memory: Uint8Array, spans: Spans): number {
    const { channel } = this;
    if (channel.sequentialWrite) {
      const count = channel.writeSpans(memory, spans.pairs, spans.count, 0);
      if (channel.shape.type === 0 && count > 0) file.position += count;
      return count;
    }
    if (file.append) file.position = channel.sizeBytes;
    const count = channel.writeSpans(memory, spans.pairs, spans.count, file.position);
    if (count > 0) file.position += count;
    return count;
  }

  /** Past the end there is nothing: 0, where the original let the trap's EFAULT through. */
  readAt(memory: Uint8Array, spans: Spans, offset: number): number {
    const { channel } = this;
    if (!channel.sequentialRead && offset > channel.sizeBytes) return 0;
    return channel.readSpans(memory, spans.pairs, spans.count, offset);
  }

  writeAt(memory: Uint8Array, spans: Spans, offset: number): number {
    return this.channel.writeSpans(memory, spans.pairs, spans.count, offset);
  }

  seek(file: OpenDevice, offset: number, whence: Whence): number {
    const { type } = this.channel.shape;
    if (type === 0 && whence === "current" && offset === 0) return file.position;
    if (type === 0 || (type === 2 && !file.writable)) return -ERRNO.ESPIPE;
    const end = this.channel.sizeBytes;
    const base = whence === "set" ? 0 : whence === "current" ? file.position : end;
    const position = base + offset;
    if (position < 0 || !Number.isSafeInteger(position)) return -ERRNO.EINVAL;
    file.position = position;
    return position;
  }

  truncate(sizeBytes: number): Errno {
    if (this.#mapping?.truncate !== true) return ERRNO.ENOSYS;
    return -this.channel.truncate(sizeBytes) as Errno;
  }

  #type(): DeviceType {
    const mapping = this.#mapping;
    if (mapping !== undefined) return MAPPED_TYPE[mapping.mode];
    const { readable, writable, sequentialRead, sequentialWrite } = this.channel;
    if (readable === writable) return "block";
    return (readable ? sequentialRead : sequentialWrite) ? "fifo" : "block";
  }

  #shownSize(): number {
    const { type } = this.channel.shape;
    if (type === 0 || (type === 2 && !this.channel.writable)) return 0;
    return this.channel.sizeBytes;
  }
}
