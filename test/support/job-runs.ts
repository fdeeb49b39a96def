/** For tests: jobs over folders, run in this process, with the answers as text. */
import {
  type FolderRunOptions,
  type InstanceResult,
  runOnFolders,
} from "../../src/zerocloud/index.ts";
import { jobText } from "./job-folder.ts";

/** An instance with the bodies of its answer. */
export type Answered = InstanceResult & { readonly bodies: readonly string[] };

/** Runs groups over a folder. */
export async function runGroups(
  folder: string,
  groups: readonly unknown[],
  options: Partial<FolderRunOptions> = {},
): Promise<readonly Answered[]> {
  const asked = { id: "test", ...options };
  const { result, findings } = await runOnFolders(jobText(...groups), folder, asked);
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join("\n"));
  return await answered(result?.instances ?? []);
}

/** Reads all bodies. */
export async function answered(instances: readonly InstanceResult[]): Promise<Answered[]> {
  const all: Answered[] = [];
  for (const instance of instances) {
    const bodies: string[] = [];
    for (const { body } of instance.responses) {
      const blocks: Uint8Array[] = [];
      for await (const bytes of body.read()) blocks.push(bytes);
      bodies.push(Buffer.concat(blocks).toString());
    }
    all.push({ ...instance, bodies });
  }
  return all;
}

/** The trace hash in the report of an instance. */
export function traceHashOf({ report }: InstanceResult): string {
  const hash = (report as { readonly traceHash?: unknown } | undefined)?.traceHash;
  if (typeof hash !== "string") throw new Error("The instance has no trace hash");
  return hash;
}
