import type { CellPool } from "../../zerovm/pool/index.ts";
import { type Connection, type Instance, PlanEnds, type PlannedNode } from "../plan/index.ts";
import type { Release } from "./admission.ts";
import type { JobFiles } from "./job-files.ts";
import { judgeDescriptors } from "./judge-descriptors.ts";
import { LocalWires } from "./local-wires.ts";
import { type NodeSession, runNodeSession, type SessionWires } from "./node-session.ts";
import { openNode } from "./opened-node.ts";
import type { JobRequest } from "./settings.ts";

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
  connect(instances: readonly Instance[], around: ConnectSurroundings): Promise<Connected>;
}

export interface ConnectSurroundings {
  readonly connections: readonly Connection[];
  readonly signal: AbortSignal;
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

/** No plan: for nodes without connections. */
const NO_ENDS = new PlanEnds({ nodes: [], connections: [] });

/** Runs nodes in cells of this machine. */
export class LocalPlace implements NodePlace {
  readonly #files: JobFiles;
  readonly #request: JobRequest;
  readonly #cells: CellPool | undefined;
  readonly #ends: PlanEnds;
  #wires: LocalWires | undefined;

  /** @param ends of the plan whose nodes it runs */
  constructor(files: JobFiles, request: JobRequest, cells: CellPool | undefined, ends = NO_ENDS) {
    this.#files = files;
    this.#request = request;
    this.#cells = cells;
    this.#ends = ends;
  }

  async connect(instances: readonly Instance[]): Promise<Connected> {
    judgeDescriptors(instances, this.#ends);
    this.#wires = new LocalWires(instances, this.#ends);
    return this.#wires;
  }

  async prepare(node: PlannedNode): Promise<PreparedNode> {
    const opened = await openNode(node, this.#files, this.#request, this.#ends.of(node.id));
    const { body } = this.#request;
    const comparesOutputs = node.instances.length > 1;
    const own = { cells: this.#cells, body, comparesOutputs };
    return {
      node,
      run: async (instance, { signal, onErrorText }) => {
        const around = { ...own, signal, onErrorText };
        const wires = this.#wires;
        if (wires === undefined || opened.ends.length === 0) {
          return await runNodeSession(opened, around);
        }
        const door = new StartDoor(instance, wires);
        try {
          return await runNodeSession(opened, { ...around, wires: door });
        } finally {
          door.handedOver();
        }
      },
    };
  }
}

/** Lets an instance to its wires when others have theirs in their cells. */
class StartDoor implements SessionWires {
  readonly #instance: Instance;
  readonly #wires: LocalWires;
  #leave: Release = () => undefined;

  constructor(instance: Instance, wires: LocalWires) {
    this.#instance = instance;
    this.#wires = wires;
  }

  async take(signal: AbortSignal): ReturnType<SessionWires["take"]> {
    this.#leave = await this.#wires.enter(signal);
    return this.#wires.take(this.#instance);
  }

  handedOver(): void {
    this.#leave();
  }
}
