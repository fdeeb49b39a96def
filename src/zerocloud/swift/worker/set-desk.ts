import type { ServerResponse } from "node:http";
import { assert } from "../../../base/index.ts";
import type { Release } from "../../run/index.ts";
import type { DoorAddress, HoldAnswer, NodeOrder, SetErrand } from "../orders/index.ts";
import type { SetDoor } from "./incoming.ts";
import type { MakePair } from "./local-pairs.ts";
import { type Reach, SeatWires } from "./seat-wires.ts";
import { onceOnly, type Seat, Seats } from "./seats.ts";
import { answer, refuse } from "./worker-answers.ts";

/** How nodes of a worker are connected with others. */
export interface WorkerWires {
  readonly door: SetDoor;
  /** What coordinators are told of the door. */
  readonly address: DoorAddress;
  readonly reach: Reach;
  readonly makePair: MakePair;
}

const MS = 1000;
/** Of what belongs to connected sets and may come while all places are taken. */
const INTAKE_MAX = 256;

/** The places of a worker, and what its nodes are connected with. */
export class SetDesk {
  readonly seats: Seats;
  readonly #wires: WorkerWires | undefined;
  /** Requests of connected sets of which it is not known yet what they are. */
  #unread = 0;
  #open = 0;

  /** @param places for sessions at one time */
  constructor(places: number, wires: WorkerWires | undefined) {
    this.seats = new Seats({ places, ...wires });
    this.#wires = wires;
  }

  /** Of sessions that run here, to others here or elsewhere. */
  get wires(): number {
    return this.#open;
  }

  /**
   * For what comes: a place, or, where it belongs to a set, leave to say what it is.
   * @returns undefined where there is none
   */
  enter(isOfSet: boolean): Release | undefined {
    if (!isOfSet) return this.seats.enter();
    if (this.#unread >= INTAKE_MAX) return undefined;
    this.#unread += 1;
    return onceOnly(() => {
      this.#unread -= 1;
    });
  }

  /** Holds a place, or gives some back, and says so. */
  async answer(errand: SetErrand, response: ServerResponse): Promise<void> {
    if ("release" in errand) {
      this.seats.release(errand.release);
      return await answer(response, {});
    }
    if (this.#wires === undefined) {
      return await refuse(response, 503, "failed", "This worker has no door for wires");
    }
    const { hold } = errand;
    const held = this.seats.hold(hold);
    const behind = !held && this.seats.isBehind(hold);
    const { address: door } = this.#wires;
    const told: HoldAnswer = { held, behind, places: this.seats.places, door };
    await answer(response, told);
  }

  /** Runs a node with its wires; without any where it has no place in a set. */
  async connected<Result>(
    { seat: ordered, limits }: NodeOrder,
    seat: Seat | undefined,
    run: (wires: SeatWires | undefined) => Promise<Result>,
  ): Promise<Result> {
    if (seat === undefined) return await run(undefined);
    const own = this.#wires;
    assert(own !== undefined && ordered !== undefined, "a place is held only for what has wires");
    const { wires } = ordered;
    const timeoutMs = limits.timeoutSeconds * MS;
    this.#open += wires.length;
    try {
      return await run(new SeatWires({ seat, wires, reach: own.reach, timeoutMs }));
    } finally {
      this.#open -= wires.length;
    }
  }
}
