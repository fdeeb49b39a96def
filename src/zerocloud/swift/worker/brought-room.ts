import { ZvmError } from "../../../base/index.ts";
import { Refusal } from "../../run/index.ts";

/** What bounds the bytes that orders bring to a worker, each setting under its name. */
export interface BroughtLimits {
  /** Of one order. */
  readonly "jobs.broughtBytes": number;
  /** Of all orders whose sessions are not over. */
  readonly "jobs.broughtBytesPerWorker": number;
}

/**
 * Room on the disk of a worker for what orders bring: inputs that lie elsewhere, programs, images,
 * and the data of requests. Who finds none is turned away and comes again: waiting here it would
 * keep the place of a session, and what it has brought so far, from those that could go on.
 */
export class BroughtRoom {
  readonly #limits: BroughtLimits;
  #bytes = 0;

  constructor(limits: BroughtLimits) {
    this.#limits = limits;
  }

  /** Of orders that are here. */
  get bytes(): number {
    return this.#bytes;
  }

  /** For one order, which has none yet. @param name of its node */
  enter(name: string): OrderRoom {
    return new OrderRoom(name, this.#limits, (bytes) => this.#take(bytes));
  }

  /** @returns whether there was room */
  #take(bytes: number): boolean {
    if (this.#bytes + bytes > this.#limits["jobs.broughtBytesPerWorker"]) return false;
    this.#bytes += bytes;
    return true;
  }
}

/** What one order has of it, until its session is over. */
export class OrderRoom {
  readonly #name: string;
  readonly #limits: BroughtLimits;
  readonly #take: (bytes: number) => boolean;
  #bytes = 0;

  /** @param take has so many bytes more, or fewer where they are negative */
  constructor(name: string, limits: BroughtLimits, take: (bytes: number) => boolean) {
    this.#name = name;
    this.#limits = limits;
    this.#take = take;
  }

  /**
   * Has room for so many bytes in all from now on.
   * @throws Refusal 413 where no order may have so many; ZvmError ZVM_JOB_BUSY where others have it
   */
  need(bytes: number): void {
    if (bytes <= this.#bytes) return;
    for (const setting of BY_NAME) {
      if (bytes > this.#limits[setting]) throw this.#tooMuch(setting);
    }
    if (!this.#take(bytes - this.#bytes)) {
      const why = "what others brought to its worker leaves no room (jobs.broughtBytesPerWorker)";
      throw new ZvmError("ZVM_JOB_BUSY", why);
    }
    this.#bytes = bytes;
  }

  leave(): void {
    this.#take(-this.#bytes);
    this.#bytes = 0;
  }

  #tooMuch(setting: keyof BroughtLimits): Refusal {
    const message =
      `What node ${this.#name} reads from elsewhere, its program and images included, has more ` +
      `than the ${this.#limits[setting]} bytes that may be brought to a worker: split it among ` +
      `several nodes, or have ${setting} raised in the configuration of the workers`;
    return new Refusal(413, message);
  }
}

const BY_NAME = ["jobs.broughtBytes", "jobs.broughtBytesPerWorker"] as const;
