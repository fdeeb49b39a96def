import type { CellPool } from "../../zerovm/pool/index.ts";
import { type Instance, PlanEnds, type PlannedNode } from "../plan/index.ts";
import type { Release } from "./admission.ts";
import type { JobFiles } from "./job-files.ts";
import { judgeDescriptors } from "./judge-descriptors.ts";
import { LocalWires } from "./local-wires.ts";
import type { Connected, NodePlace, PreparedNode } from "./node-place.ts";
import { runNodeSession, type SessionWires } from "./node-session.ts";
import { openNode } from "./opened-node.ts";
import type { JobRequest } from "./settings.ts";

/** No plan: for nodes without connections. */
const NO_ENDS = new PlanEnds({ nodes: [], connections: [] });

/** Runs nodes in cells of this machine. */
export class LocalPlace implements NodePlace {
  readonly #files: JobFiles;
  readonly #request: JobRequest;
  readonly #cells: CellPool | undefined;
  readonly #ends: PlanEnds;

  /** @param ends of the plan whose nodes it runs */
  constructor(files: JobFiles, request: JobRequest, cells: CellPool | undefined, ends = NO_ENDS) {
    this.#files = files;
    this.#request = request;
    this.#cells = cells;
    this.#ends = ends;
  }

  async connect(instances: readonly Instance[]): Promise<Connected> {
    judgeDescriptors(instances, this.#ends);
    return new LocalWires(instances, this.#ends);
  }

  async prepare(node: PlannedNode): Promise<PreparedNode> {
    const opened = await openNode(node, this.#files, this.#request, this.#ends.of(node.id));
    const { body } = this.#request;
    const comparesOutputs = node.instances.length > 1;
    const own = { cells: this.#cells, body, comparesOutputs };
    return {
      node,
      run: async (instance, { signal, onErrorText, connected }) => {
        const around = { ...own, signal, onErrorText };
        if (!(connected instanceof LocalWires)) return await runNodeSession(opened, around);
        const door = new StartDoor(instance, connected);
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
