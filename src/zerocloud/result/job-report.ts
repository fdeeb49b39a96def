import type { InstanceResult, JobResult, ResponsePart, StoredOutput } from "./result.ts";

/** What `?format=json` answers with: all that the headers tell, and what they have no room for. */
export interface JobReport {
  readonly status: number;
  readonly transaction: string;
  readonly seconds: number;
  /** What was found about the job that kept it from nothing; absent where there is none. */
  readonly warnings?: readonly string[];
  readonly instances: readonly InstanceReport[];
}

type InstanceReport = Omit<InstanceResult, "responses" | "stored"> & {
  readonly responses: readonly (Omit<ResponsePart, "body"> & { readonly sizeBytes: number })[];
  readonly stored: readonly StoredOutput[];
};

/** The result of a job as plain data, without the bodies: sizes stand for them. */
export function reportOfJob(
  { seconds, instances, warnings }: JobResult,
  status: number,
  transaction: string,
): JobReport {
  const told = warnings === undefined ? {} : { warnings };
  return { status, transaction, seconds, ...told, instances: instances.map(reportOfInstance) };
}

function reportOfInstance(instance: InstanceResult): InstanceReport {
  const responses = instance.responses.map(({ body, ...rest }) => {
    return { ...rest, sizeBytes: body.sizeBytes };
  });
  return { ...instance, responses };
}

/** Reports hold numbers beyond 2^53: they become text. */
export function jsonOf(value: unknown): string {
  const text = JSON.stringify(
    value,
    (_, member: unknown) => (typeof member === "bigint" ? String(member) : member),
    2,
  );
  return `${text}\n`;
}
