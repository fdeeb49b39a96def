import type { environmentOf, ProgramFacts } from "../cgi/index.ts";
import type { PlannedNode } from "../plan/index.ts";
import type { FilePiece } from "../storage/index.ts";

/** Most that one channel may pass: calls of the guest, and bytes either way. */
export interface TransferLimits {
  readonly calls: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
}

/** As the original has them. */
export const STANDARD_TRANSFER_LIMITS: TransferLimits = Object.freeze({
  calls: 2 ** 30,
  inputBytes: 2 ** 30,
  outputBytes: 2 ** 30,
});

/** Wall seconds that each session of a job may take, unless it is told otherwise. */
export const STANDARD_TIMEOUT_SECONDS = 10;

/** Linear memory of each session, unless it is told otherwise. */
export const STANDARD_MEMORY_BYTES = 2 ** 32;

/** What a program learns of the request; a refusal where that does not fit into a session. */
export type ProgramEnvironment = (program: ProgramFacts) => ReturnType<typeof environmentOf>;

/** What comes with one job besides its plan. */
export interface JobRequest {
  /** Names the job where others wait beside it. */
  readonly id: string;
  /** Whose turn it is where others wait; nobody's unless given. */
  readonly account?: string;
  /** Wall seconds of each session. */
  readonly timeoutSeconds?: number;
  /** Linear memory of each session. */
  readonly memoryBytes?: number;
  /** Work of each session, without limit unless given. */
  readonly fuel?: number;
  readonly limits?: TransferLimits;
  /** Sessions of this job at one time; as many as it has unless given. */
  readonly concurrency?: number;
  /** A tar image that came with the job, owned by the caller. */
  readonly postedImage?: string;
  /** The data of the request for devices `stdin` without a path, owned by the caller. */
  readonly body?: FilePiece;
  /** Variables of the request for a program, as CGI names them; none unless given. */
  readonly environment?: ProgramEnvironment;
  /** Ends all sessions in order. */
  readonly signal?: AbortSignal;
  /** What becomes of the others when a session fails; they are cancelled unless told otherwise. */
  readonly onFailure?: "cancel" | "continue";
  /** A program that does not exit with 0 has made nothing: its outputs are thrown away. */
  readonly needsSuccess?: boolean;
  readonly onProgress?: (event: JobEvent) => void;
}

/** What happens while a job runs; `copy` is 0 for the instance that gives results. */
export type JobEvent =
  | { readonly kind: "started"; readonly node: PlannedNode; readonly copy: number }
  | {
      readonly kind: "ended";
      readonly node: PlannedNode;
      readonly copy: number;
      /** Of the session, as `zerovm run` has it; undefined where there was none. */
      readonly exitStatus?: number;
    }
  /** The guest wrote to a standard error that goes nowhere else. */
  | {
      readonly kind: "error-text";
      readonly node: PlannedNode;
      readonly copy: number;
      readonly bytes: Uint8Array;
    };
