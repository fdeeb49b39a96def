import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { exitedReport } from "../../../../test/support/exited-report.ts";
import { groupOf, judgeText } from "../../../../test/support/judge-job.ts";
import { packReport, type Report } from "../../../zerovm/report/index.ts";
import type { PlannedNode } from "../../plan/index.ts";
import { type NodeSession, SpooledFile, type WrittenOutput } from "../../run/index.ts";
import { readAnswer, writeAnswer } from "./node-answer.ts";
import { PartReader, writePart } from "./parts.ts";

const DEVICES = [
  { name: "stdin", path: "swift://~/c/o" },
  { name: "stdout", path: "swift://~/c/out" },
  { name: "stderr" },
];
const MAX = 1000;

async function someNode(): Promise<PlannedNode> {
  const objects = { "t/c": ["o"] };
  const { plan, findings } = await judgeText([groupOf({ devices: DEVICES })], { objects });
  const [node] = plan?.nodes ?? [];
  if (node === undefined) throw new Error(JSON.stringify(findings));
  return node;
}

function outputsOf(node: PlannedNode): WrittenOutput["channel"][] {
  return node.channels.filter((channel): channel is WrittenOutput["channel"] => {
    return channel.kind === "stored" || channel.kind === "response";
  });
}

function written(channel: WrittenOutput["channel"], text: string): WrittenOutput {
  const file = new SpooledFile();
  file.write(Buffer.from(text));
  return { channel, file };
}

async function answered(node: PlannedNode, parts: readonly string[]): Promise<NodeSession> {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for (const part of parts) yield* writePart([Buffer.from(part)]);
  }
  return await readAnswer(node, new PartReader(bytes()), MAX);
}

function headOf(outputs: readonly number[], report: Report = exitedReport()): string {
  return JSON.stringify({ report: packReport(report), errorTail: "", wasValid: false, outputs });
}

function closeAll({ outputs }: NodeSession): void {
  for (const { file } of outputs) file.close();
}

describe("the answer of a worker", () => {
  it("is the session that the worker had", async () => {
    const node = await someNode();
    const outputs = outputsOf(node).map((channel) => written(channel, channel.device));
    const report = exitedReport({ fuel: { used: 2n ** 63n, limit: 2n ** 64n - 1n } });
    const session = { report, outputs, errorTail: "a\0b", wasValid: true };
    const read = await readAnswer(node, new PartReader(writeAnswer(node, session)), MAX);
    expect(read).toMatchObject({ report, errorTail: "a\u{fffd}b", wasValid: true });
    expect(read.outputs.map(({ channel }) => channel)).toEqual(outputsOf(node));
    expect(read.outputs.map(({ file }) => file.sizeBytes)).toEqual([6, 6]);
    closeAll(session);
    closeAll(read);
  });

  it("is believed in nothing else, and leaves no file open", async () => {
    const node = await someNode();
    const place = node.channels.findIndex(({ kind }) => kind === "stored");
    const input = node.channels.findIndex(({ kind }) => kind === "input");
    const open = readdirSync("/proc/self/fd").length;
    const faults: readonly (readonly [string, readonly string[]])[] = [
      ["is no output", [headOf([place, place]), "once", "twice"]],
      ["is no output", [headOf([input]), "what"]],
      ["is no output", [headOf([99]), "what"]],
      ["no answer", [headOf([-1])]],
      ["no answer", [headOf([0.5])]],
      ["no answer", ["{}"]],
      ["no answer", ["no JSON"]],
      ["no answer", ["[]"]],
      ["no answer", ["null"]],
      ["it breaks off", [headOf([place])]],
      ["it breaks off", []],
      ["more than 1000 bytes", [headOf([place]), "x".repeat(MAX + 1)]],
      ["more than 4194304 bytes", ["x".repeat(5 * 2 ** 20)]],
    ];
    for (const [text, parts] of faults) await expect(answered(node, parts)).rejects.toThrow(text);
    expect(readdirSync("/proc/self/fd").length).toBe(open);
  });

  it("has a report, or is none", async () => {
    const node = await someNode();
    const reports: readonly unknown[] = [
      { ...exitedReport(), version: 2 },
      { ...exitedReport(), exitStatus: "0" },
      { ...exitedReport(), outcome: { kind: "won" } },
      { ...exitedReport(), outcome: undefined },
      { ...exitedReport(), traceHash: "x" },
      { ...exitedReport(), channels: "none" },
      { ...exitedReport(), etags: [{}] },
      [],
      "",
    ];
    for (const report of reports) {
      const parts = [headOf([], report as Report)];
      await expect(answered(node, parts)).rejects.toThrow("no report of a session");
    }
  });
});
