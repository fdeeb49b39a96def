import { Writable } from "node:stream";
import type { ByteString } from "../../base/index.ts";
import type { ChannelDeclaration } from "../../zerovm/manifest/index.ts";
import type { CellPool } from "../../zerovm/pool/index.ts";
import type { Report } from "../../zerovm/report/index.ts";
import { runSession, type Substitute, type WireEnd } from "../../zerovm/session/index.ts";
import type { PlannedChannel } from "../plan/index.ts";
import type { ChosenHost } from "../result/index.ts";
import type { FilePiece } from "../storage/index.ts";
import { aliasOf } from "./guest-world.ts";
import { namedReport } from "./kept-program.ts";
import { connectedChannel, isOutput, readingChannel, writingChannel } from "./node-manifest.ts";
import type { OpenedNode } from "./opened-node.ts";
import { pathOfFd, SpooledFile } from "./spooled-file.ts";
import { TextTail } from "./text-tail.ts";

/** What a session wrote to one channel; whoever has it closes the file. */
export interface WrittenOutput {
  readonly channel: Extract<PlannedChannel, { kind: "stored" | "response" }>;
  readonly file: SpooledFile;
}

/** A session that came to its end. */
export interface NodeSession {
  readonly report: Report;
  /** In channel order. */
  readonly outputs: readonly WrittenOutput[];
  readonly errorTail: string;
  /** Whether its program was found valid when it was stored. */
  readonly wasValid: boolean;
  /** Where it ran, in a cluster of several. */
  readonly host?: ChosenHost;
  /** Wall seconds that it took, where it had to wait for others before it was told of. */
  readonly seconds?: number;
}

/** Nobody wants what a session wrote any more. */
export function closeOutputs({ outputs }: Pick<NodeSession, "outputs">): void {
  for (const { file } of outputs) file.close();
}

export interface SessionSurroundings {
  readonly cells: CellPool | undefined;
  readonly body: FilePiece | undefined;
  /** Whether all outputs have digests, so that two sessions can be compared. */
  readonly comparesOutputs: boolean;
  readonly signal: AbortSignal;
  /** Told what the guest writes to a standard error that goes nowhere. */
  onErrorText(bytes: Uint8Array): void;
  /** For a node that has connections. */
  readonly wires?: SessionWires;
}

/** What leads from one session to those of other nodes. */
export interface SessionWires {
  /**
   * The wires behind each channel that leads to another node, by its device, one for each peer in
   * their order. Called once, when nothing else keeps the session from beginning: it closes them.
   * @throws the reason of the signal
   */
  take(signal: AbortSignal): Promise<ReadonlyMap<string, readonly WireEnd[]>>;
  /** Told when the session has none of them open here any more, but its cell has. */
  handedOver?(): void;
}

/** Runs one instance of a node: one session over the files that are open for it. */
export async function runNodeSession(
  opened: OpenedNode,
  around: SessionSurroundings,
): Promise<NodeSession> {
  const channels = new NodeChannels(opened, around);
  try {
    const declared = await channels.declare();
    const { node, program, base, config, images } = opened;
    // Cells of the program have its module; for all others the host has made it.
    const own = program.cells();
    const cells = own ?? around.cells;
    const { wires } = around;
    if (wires !== undefined) channels.connect(await wires.take(around.signal));
    const found = await runSession({
      manifest: { ...base.manifest, program: program.path, channels: declared },
      program: program.verdict,
      ...(own === undefined && program.module !== undefined && { module: program.module }),
      zrt: config,
      images: [...images.values()].map((image) => image.mounted),
      substitutes: channels.substitutes,
      preallocate: false,
      signal: around.signal,
      ...(cells !== undefined && { pool: cells }),
      ...(wires?.handedOver !== undefined && { onSent: () => wires.handedOver?.() }),
    });
    const report = namedReport(found, program.path, node.program.url);
    const { errorTail } = channels;
    return { report, outputs: channels.measured(), errorTail, wasValid: program.wasValid };
  } catch (error) {
    closeOutputs(channels);
    throw error;
  }
}

/** The channels of one session, in the order of the original's manifest. */
class NodeChannels {
  readonly outputs: WrittenOutput[] = [];
  readonly substitutes = new Map<ByteString, Substitute>();
  readonly #opened: OpenedNode;
  readonly #around: SessionSurroundings;
  readonly #tail = new TextTail();

  constructor(opened: OpenedNode, around: SessionSurroundings) {
    this.#opened = opened;
    this.#around = around;
  }

  get errorTail(): string {
    return this.#tail.text();
  }

  async declare(): Promise<ChannelDeclaration[]> {
    const { node, base, program, ends } = this.#opened;
    const { comparesOutputs } = this.#around;
    const declared: ChannelDeclaration[] = [];
    for (const channel of node.channels) declared.push(await this.#channel(channel));
    for (const end of ends) declared.push(connectedChannel(end, base, comparesOutputs));
    const devices = new Set([...node.channels, ...ends].map(({ device }) => device));
    if (!devices.has("stdin")) declared.push(readingChannel("stdin", 0, "/dev/null", base));
    if (!devices.has("stdout")) declared.push(this.#unread("stdout"));
    if (!devices.has("stderr")) declared.push(this.#errorText());
    declared.push(readingChannel("self", 3, program.path, base), this.#nvram());
    return declared;
  }

  /** Has taken what leads to other nodes; the session has to follow at once. */
  connect(taken: ReadonlyMap<string, readonly WireEnd[]>): void {
    for (const [device, ends] of taken) {
      this.substitutes.set(aliasOf(device), { kind: "wires", ends });
    }
  }

  /** The sizes of what was written are known now. */
  measured(): readonly WrittenOutput[] {
    for (const { file } of this.outputs) file.measure();
    return this.outputs;
  }

  async #channel(channel: PlannedChannel): Promise<ChannelDeclaration> {
    const { base, inputs, images } = this.#opened;
    const { device, type } = channel;
    if (isOutput(channel)) return this.#output(channel);
    const image = images.get(channel);
    if (image !== undefined) return readingChannel(device, type, image.path, base);
    const item = inputs.get(channel);
    if (item === undefined) return this.#body(channel);
    const source = await item.source(type);
    if (source.kind === "path") return readingChannel(device, type, source.path, base);
    const { kind } = source;
    const substitute =
      kind === "file" ? source : { kind: "readable" as const, stream: source.stream };
    this.substitutes.set(aliasOf(device), substitute);
    return readingChannel(device, type, `/dev/${device}`, base);
  }

  #body({ device, type }: PlannedChannel): ChannelDeclaration {
    const { body } = this.#around;
    const path = body === undefined ? "/dev/null" : pathOfFd(body.fd);
    return readingChannel(device, type, path, this.#opened.base);
  }

  #output(channel: WrittenOutput["channel"]): ChannelDeclaration {
    const { node, base } = this.#opened;
    const file = new SpooledFile();
    this.outputs.push({ channel, file });
    const { device, type, kind } = channel;
    const isLocal = device === node.attachment?.device;
    const etag = kind === "response" || isLocal || this.#around.comparesOutputs;
    return writingChannel(device, type, file.path, base, etag);
  }

  #unread(device: string): ChannelDeclaration {
    return writingChannel(device, 0, "/dev/null", this.#opened.base, false);
  }

  /** What nobody takes is kept for people, as far as it is short. */
  #errorText(): ChannelDeclaration {
    const stream = new Writable({
      write: (bytes: Uint8Array, _encoding, done) => {
        this.#tail.add(bytes);
        this.#around.onErrorText(bytes);
        done();
      },
    });
    this.substitutes.set(aliasOf("stderr"), { kind: "writable", stream });
    return writingChannel("stderr", 0, "/dev/stderr", this.#opened.base, false);
  }

  #nvram(): ChannelDeclaration {
    const { base, nvram } = this.#opened;
    this.substitutes.set(aliasOf("nvram"), { kind: "contents", bytes: nvram });
    return readingChannel("nvram", 3, "/dev/nvram", base);
  }
}
