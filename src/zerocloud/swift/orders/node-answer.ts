import { countOf, judgeValue, listOf, partOf, SWITCH, TEXT } from "../../../base/index.ts";
import { packReport, unpackReport } from "../../../zerovm/report/index.ts";
import type { PlannedNode } from "../../plan/index.ts";
import {
  bytesOfPieces,
  closeOutputs,
  type NodeSession,
  SpooledFile,
  type WrittenOutput,
} from "../../run/index.ts";
import { type PartReader, wireError, writePart } from "./parts.ts";

/** The report and the end of the error text. */
const ANSWER_BYTES_MAX = 4 * 2 ** 20;

interface AnswerText {
  /** As `packReport` has it. */
  readonly report: string;
  readonly errorTail: string;
  readonly wasValid: boolean;
  /** Places of the channels among those of the node, in the order of their parts. */
  readonly outputs: readonly number[];
}

const ANSWER = partOf<AnswerText>({
  report: TEXT,
  errorTail: TEXT,
  wasValid: SWITCH,
  outputs: listOf(countOf("channels", 0, 2 ** 16)),
});

/** A session as it travels to the coordinator. */
export async function* writeAnswer(
  { channels }: PlannedNode,
  session: NodeSession,
): AsyncGenerator<Uint8Array, void> {
  const { report, errorTail, wasValid, outputs } = session;
  const text: AnswerText = {
    report: packReport(report),
    // What the guest printed may hold anything.
    errorTail: Buffer.from(errorTail.replaceAll("\0", "\u{fffd}")).toString("utf8"),
    wasValid,
    outputs: outputs.map(({ channel }) => channels.indexOf(channel)),
  };
  yield* writePart([Buffer.from(JSON.stringify(text))]);
  for (const { file } of outputs) yield* writePart(bytesOfPieces([file]));
}

/**
 * The session of a worker; whoever gets it closes its files.
 * @param outputBytesMax of each channel
 * @throws ZvmError ZVM_SWIFT_WIRE where it breaks off or is none, and ZVM_FILE
 */
export async function readAnswer(
  { channels }: PlannedNode,
  parts: PartReader,
  outputBytesMax: number,
): Promise<NodeSession> {
  const {
    report,
    errorTail,
    wasValid,
    outputs: places,
  } = unpack(await parts.text(ANSWER_BYTES_MAX));
  const outputs: WrittenOutput[] = [];
  try {
    for (const place of places) {
      const channel = channels[place];
      const isKnown = outputs.some((one) => one.channel === channel);
      if ((channel?.kind !== "stored" && channel?.kind !== "response") || isKnown) {
        throw wireError(`channel ${place} is no output`);
      }
      const file = new SpooledFile();
      outputs.push({ channel, file });
      for await (const bytes of parts.next(outputBytesMax)) file.write(bytes);
    }
    return { report: unpackReport(report), outputs, errorTail, wasValid };
  } catch (error) {
    closeOutputs({ outputs });
    throw error;
  }
}

function unpack(text: string): AnswerText {
  try {
    const value: unknown = JSON.parse(text);
    judgeValue("readAnswer", value, ANSWER);
    return value as AnswerText;
  } catch (cause) {
    throw wireError("the first part is no answer", cause);
  }
}
