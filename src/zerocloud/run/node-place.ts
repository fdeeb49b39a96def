import type { Instance, PlannedNode } from "../plan/index.ts";
import type { NodeSession } from "./node-session.ts";

/** Where the nodes of one job run: on this machine, or on those that hold its objects. */
export interface NodePlace {
  /**
   * Asks for every right of a node and gets ready what it needs, before anything runs.
   * @throws Refusal with the status and text that clients get
   */
  prepare(node: PlannedNode): Promise<PreparedNode>;
  /**
   * Gets ready all that connects the instances of a job, which then begin at the same time; called
   * once, after every node was prepared.
   * @param instances all that have connections
   * @throws Refusal and ZvmError where there is no place for all of them
   */
  connect(instances: readonly Instance[], signal: AbortSignal): Promise<Connected>;
}

/** What connects the instances of a job; each place has its own. */
export interface Connected {
  /** Lets go of what an instance holds of it and never took: its peers then lose it. */
  leave(instance: Instance): void;
  /** Lets go of everything. */
  close(): void;
}

/** A node that may begin. */
export interface PreparedNode {
  readonly node: PlannedNode;
  /**
   * Runs one instance: one session.
   * @throws Refusal and ZvmError where there is no place for it, and it has read nothing
   */
  run(instance: Instance, around: InstanceSurroundings): Promise<NodeSession>;
}

export interface InstanceSurroundings {
  /** Ends it in order. */
  readonly signal: AbortSignal;
  /** Told what the guest writes to a standard error that goes nowhere. */
  onErrorText(bytes: Uint8Array): void;
  /** What `connect` of the same place gave, for an instance that has connections. */
  readonly connected?: Connected;
}
