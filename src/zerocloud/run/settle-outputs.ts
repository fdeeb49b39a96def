import { ZvmError } from "../../base/index.ts";
import type { EtagRow } from "../../zerovm/report/index.ts";
import type { StoredChannel } from "../plan/index.ts";
import { isRefusal, type Refusal, type ResponsePart, type StoredOutput } from "../result/index.ts";
import type { Storage } from "../storage/index.ts";
import { aliasOf } from "./guest-world.ts";
import type { WrittenOutput } from "./node-session.ts";
import { type OutputHead, readOutputHead } from "./output-head.ts";
import { statusOf, unstoredText } from "./refusal.ts";
import { bodyOfFile, bytesOfPiece } from "./spooled-file.ts";

/** What became of the outputs of a node. */
export interface SettledOutputs {
  readonly responses: readonly ResponsePart[];
  readonly stored: readonly StoredOutput[];
  /** Why an output for the answer cannot go there. */
  readonly fault?: Refusal;
}

/** An output with what was found in front of it. */
interface Headed extends WrittenOutput {
  readonly head: OutputHead | Refusal | undefined;
  readonly startBytes: number;
}

/**
 * Stores what belongs into the store, from the last declared output to the first, and keeps what
 * goes into the answer. At the first that cannot be stored the rest is left, and nothing is
 * answered; what was stored before stays.
 */
export async function settleOutputs(
  outputs: readonly WrittenOutput[],
  etags: readonly EtagRow[],
  storage: Storage,
): Promise<SettledOutputs> {
  const kept = outputs.map(headed).filter(isLargeEnough);
  const responses: Headed[] = [];
  const stored: StoredOutput[] = [];
  let fault: Refusal | undefined;
  try {
    for (const output of kept.toReversed()) {
      const { channel } = output;
      if (channel.kind === "response") {
        responses.unshift(output);
        if (isRefusal(output.head)) fault = output.head;
      } else stored.push(await put({ ...output, channel }, etagOf(output, etags), storage));
      if (fault === undefined && stored.at(-1)?.failure === undefined) continue;
      responses.length = 0;
      break;
    }
    return {
      responses: responses.map(responseOf),
      stored,
      ...(fault !== undefined && { fault }),
    };
  } catch (error) {
    responses.length = 0;
    throw error;
  } finally {
    const answered = new Set(responses.map(({ file }) => file));
    for (const { file } of outputs) if (!answered.has(file)) file.close();
  }
}

function headed(output: WrittenOutput): Headed {
  const head = readOutputHead(output.file, output.channel.contentType);
  const startBytes = head === undefined || isRefusal(head) ? 0 : head.bodyStartBytes;
  return { ...output, head, startBytes };
}

function isLargeEnough({ file, startBytes, channel }: Headed): boolean {
  return file.sizeBytes - startBytes >= channel.minSizeBytes;
}

/** The digest of the session, where it is that of the bytes to be stored. */
function etagOf({ channel, startBytes }: Headed, etags: readonly EtagRow[]): string | undefined {
  if (startBytes > 0 || channel.type !== 0) return undefined;
  const alias = aliasOf(channel.device);
  return etags.find((row) => row.alias === alias)?.hex;
}

async function put(
  { channel, file, head, startBytes }: Headed & { readonly channel: StoredChannel },
  etag: string | undefined,
  storage: Storage,
): Promise<StoredOutput> {
  const { device, item } = channel;
  const sizeBytes = file.sizeBytes - startBytes;
  if (isRefusal(head)) {
    return { device, item, sizeBytes, failure: { status: head.status, message: head.text } };
  }
  try {
    const stat = await storage.put(item, {
      source: bytesOfPiece({ fd: file.fd, startBytes, sizeBytes }),
      sizeBytes,
      ...(etag !== undefined && { etag }),
      contentType: head?.contentType ?? channel.contentType,
      meta: head?.metadata ?? channel.meta,
    });
    return { device, item, sizeBytes, etag: stat.etag };
  } catch (error) {
    if (!(error instanceof ZvmError)) throw error;
    const status = statusOf(error);
    const message = unstoredText(status, item, error);
    return { device, item, sizeBytes, failure: { status, message } };
  }
}

function responseOf({ channel, file, head: read, startBytes }: Headed): ResponsePart {
  const head = isRefusal(read) ? undefined : read;
  return {
    device: channel.device,
    contentType: head?.contentType ?? channel.contentType,
    ...(head?.status !== undefined && { status: head.status }),
    headers: head?.headers ?? [],
    body: bodyOfFile(file, startBytes),
  };
}
