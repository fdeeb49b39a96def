import { assert, ERRNO } from "../../../base/index.ts";
import type { NexeImage } from "../../../nacl/frozen/index.ts";
import { GUARD_EXPORTS, type GuardState, readGuards } from "../../../wasm/meter/index.ts";
import { GuestExit, type Zrt } from "../../../zrt/index.ts";
import { sharedMs, uptimeMs } from "../machine/index.ts";
import type { CellOutcome, FrozenGuest, Order, OrderFileSpan, OrderNexe } from "../order/index.ts";
import { isStackOverflow, outcomeOfCut, outcomeOfError } from "./ending.ts";
import type { Freezer } from "./freezer.ts";
import { FuelAccount } from "./fuel-account.ts";
import type { Cut, Guard } from "./guarded.ts";
import type { MadeInstance } from "./made-instance.ts";
import { type CodeGuest, NexeCode } from "./nexe-code.ts";
import type { NexeAtPoint } from "./nexe-freezer.ts";
import { boundStores, enterNacl, nexeSpace, tellNexe } from "./nexe-guest.ts";
import { resumeNexe } from "./nexe-resume.ts";
import { optimiseLoops } from "./optimise.ts";

/** How a guest ended, and what is left of it. */
export interface GuestEnd {
  readonly outcome: CellOutcome;
  /** Absent when the module never came to life. */
  readonly memory?: WebAssembly.Memory;
  readonly instantiateMs: number;
  /** When it began, by the clock that all processes share. */
  readonly aliveAtMs: number;
  readonly guestMs: number;
  /** Units of fuel that were used, where the module counts them. */
  readonly fuelUsed?: bigint;
  /** Limits at which the guest was answered. */
  readonly hits: readonly ("memory" | "table")[];
}

/** What the module's own guards ended comes first, however the guest seemed to end. */
function outcomeOfGuards({ ended }: GuardState): CellOutcome | undefined {
  if (ended === undefined) return undefined;
  if (ended !== "shortage") return { kind: "limited", limit: ended };
  return shortage("The host has less memory than the limits of the session allow");
}

function shortage(message: string): CellOutcome {
  return { kind: "lost", cause: "host", message, code: ERRNO.ENOMEM };
}

/** What ended the guest's calls decides, whether the guest then ended, went on or was cut. */
function outcomeOfRun(run: GuestRun, { ending }: Zrt, cut: Cut | undefined): CellOutcome {
  if (ending.isSet) return run.outcomeOfThrown(ending.error);
  return cut === undefined ? run.outcome : outcomeOfCut(cut);
}

/** What of its order a guest is run by. */
type GuestOrder = Pick<
  Order,
  "program" | "fuel" | "functionCount" | "precache" | "nexe" | "channels" | "tier"
>;

/** What a guest is run with besides its order. */
export interface GuestSetting {
  readonly guard: Pick<Guard, "run">;
  /** What is done for it behind its end is ended by this one. */
  readonly locatingGuard: Pick<Guard, "run">;
  /** Reads a file of the order. */
  readonly read: (span: OrderFileSpan) => Uint8Array;
  /** Why the host has less stack than the limit of the session, where it has. */
  readonly stackShortage?: string | undefined;
  /** Takes down what is left of the guest, where that is asked. */
  readonly freezer?: Freezer;
  /** Where a Native Client guest goes on from; absent: it begins. */
  readonly image?: NexeImage;
  /** The instance of the guest, where it is there before its world. */
  readonly made?: MadeInstance;
}

/** To find the address of a fault there is what is left of the guest's time, and so much. */
export const LOCATING_MS_MIN = 1000;

const NOTHING_FROZEN = { values: [], clockNs: 0n, entropyBytes: 0n } as const;

/** One guest, from its module to its end. */
export class GuestRun {
  readonly #module: WebAssembly.Module;
  readonly #zrt: Zrt;
  readonly #setting: GuestSetting;
  readonly #freezer: Freezer | undefined;
  readonly #functionCount: number;
  readonly #isPrecached: boolean;
  readonly #nexe: OrderNexe | undefined;
  /** Judges and translates what a Native Client guest comes to. */
  readonly #code: NexeCode | undefined;
  readonly #channels: Order["channels"];
  #fuel: bigint | undefined;
  #account: FuelAccount | undefined;
  /** What the engine threw when the guest faulted. */
  #fault: Error | undefined;
  #exports: Readonly<Record<string, unknown>> = {};
  #imports: WebAssembly.Imports = {};
  #startMs = 0;
  /** When the instance was made, in milliseconds of the process. */
  #aliveMs: number | undefined;
  #aliveAtMs = 0;
  memory: WebAssembly.Memory | undefined;
  outcome: CellOutcome = { kind: "exited", code: 0 };

  constructor(module: WebAssembly.Module, zrt: Zrt, order: GuestOrder, setting: GuestSetting) {
    this.#module = module;
    this.#setting = setting;
    this.#freezer = setting.freezer;
    this.#zrt = zrt;
    this.#fuel = order.fuel;
    this.#functionCount = order.functionCount;
    this.#isPrecached = order.precache === true;
    this.#nexe = order.nexe;
    this.#code = order.nexe && this.#codeMaker(order.nexe, order);
    this.#channels = order.channels;
  }

  /** Brings the module to life and runs it to its end, at most for the time it has. */
  run(timeoutMs: number): GuestEnd {
    this.#startMs = uptimeMs();
    // Making the instance takes time as well: its data is copied.
    const watched = this.#setting.guard.run(() => this.#work(timeoutMs), timeoutMs);
    const cut = this.#account?.isTimeOver === true ? "time" : watched;
    const guards = readGuards(this.#exports);
    const ofRun = (): CellOutcome => outcomeOfRun(this, this.#zrt, cut);
    // A guest that asked in vain because its time was over seems to have used up its fuel.
    const isByClock = cut === "time" && guards.ended === "fuel";
    const outcome = isByClock ? ofRun() : (outcomeOfGuards(guards) ?? ofRun());
    return this.#told(this.#located(outcome, timeoutMs), guards);
  }

  /** What is left of a guest so far, while it waits in one of its calls. */
  soFar(): GuestEnd {
    return this.#told({ kind: "exited", code: 0 }, readGuards(this.#exports));
  }

  #told(outcome: CellOutcome, guards: GuardState): GuestEnd {
    const endMs = uptimeMs();
    const aliveMs = this.#aliveMs ?? endMs;
    return {
      outcome,
      ...(this.memory === undefined ? {} : { memory: this.memory }),
      instantiateMs: aliveMs - this.#startMs,
      aliveAtMs: this.#aliveAtMs,
      guestMs: endMs - aliveMs,
      ...fuelOf(this.#fuel, this.#account),
      hits: guards.hit,
    };
  }

  /** What is left of a guest that returned; undefined where it did not, or nobody asked. */
  takeFrozen(): FrozenGuest | undefined {
    const { outcome, memory } = this;
    if (this.#freezer === undefined || memory === undefined || outcome.kind !== "exited") return;
    if (this.#zrt.ending.isSet) return { ...NOTHING_FROZEN, problems: [this.#exited] };
    return this.#freezer.take(this.#exports, memory);
  }

  get #exited(): string {
    const isNexe = this.#nexe !== undefined;
    return isNexe ? "It exited before it forked, or read /dev/zfork" : "It exited";
  }

  /** Time and fuel of the guest count from now on. */
  beginAnew(fuel: bigint | undefined, timeoutMs: number): void {
    this.#startMs = uptimeMs();
    this.#aliveMs = this.#startMs;
    this.#aliveAtMs = sharedMs();
    this.#fuel = fuel;
    this.#account = new FuelAccount(this.#exports, fuel, timeoutMs);
  }

  outcomeOfThrown(error: unknown): CellOutcome {
    if (error instanceof GuestExit) return { kind: "exited", code: error.code };
    const { stackShortage } = this.#setting;
    if (stackShortage !== undefined && isStackOverflow(error)) return shortage(stackShortage);
    return outcomeOfError(error, this.#functionCount);
  }

  #work(timeoutMs: number): void {
    try {
      const made = this.#fittingInstance();
      const calls = this.#calls(made);
      const imports = this.#freezer?.watch(calls) ?? calls;
      const { exports } = made?.instance ?? new WebAssembly.Instance(this.#module, imports);
      this.#exports = exports;
      this.#imports = imports;
      this.#account = new FuelAccount(exports, this.#fuel, timeoutMs);
      if (exports["memory"] instanceof WebAssembly.Memory) this.memory = exports["memory"];
      if (this.#nexe !== undefined) this.#beginNexe(this.#nexe);
      this.#aliveMs = uptimeMs();
      this.#aliveAtMs = sharedMs();
      this.#freezer?.begin(exports);
      if (this.#isPrecached) this.#zrt.precache();
      const isEntered = this.#nexe?.policy === "nacl" && this.#setting.image === undefined;
      if (isEntered) enterNacl(exports, this.#zrt.startNacl());
      call(exports[GUARD_EXPORTS.START] ?? nothing);
      call(exports["_start"]);
    } catch (error) {
      this.outcome = this.outcomeOfThrown(error);
      if (error instanceof WebAssembly.RuntimeError) this.#fault = error;
    }
  }

  /**
   * The outcome with the guest address of a fault, where there was time to find it. The function of
   * the module says nothing to whoever wrote the program.
   */
  #located(outcome: CellOutcome, timeoutMs: number): CellOutcome {
    const fault = this.#fault;
    const code = this.#code;
    if (outcome !== this.outcome || outcome.kind !== "faulted" || !fault || !code) return outcome;
    let address: number | undefined;
    const locate = (): void => {
      address = code.addressOf(fault);
    };
    const leftMs = this.#startMs + timeoutMs - uptimeMs();
    this.#setting.locatingGuard.run(locate, Math.max(LOCATING_MS_MIN, leftMs));
    const { functionIndex: _ofModule, ...rest } = outcome;
    return address === undefined ? rest : { ...rest, address };
  }

  #beginNexe(nexe: OrderNexe): void {
    const exports = this.#exports;
    const { image } = this.#setting;
    optimiseLoops(exports);
    boundStores(nexe, exports);
    if (image !== undefined) resumeNexe(image, nexe, exports, this.#guestMemory());
    tellNexe(nexe, this.#channels, this.#guestMemory());
  }

  /** What is there of a Native Client guest that waits in a call. */
  atPoint(): NexeAtPoint {
    assert(this.#code !== undefined, "a guest that makes calls has been given them");
    return {
      exports: this.#exports,
      memory: this.#guestMemory(),
      madeCode: this.#code.hasMade,
    };
  }

  /** The instance that is there, where its calls fit this guest, and nobody watches them. */
  #fittingInstance(): MadeInstance | undefined {
    const { made } = this.#setting;
    const calls = this.#nexe === undefined ? made?.wasi : made?.trap;
    return calls === undefined || this.#freezer !== undefined ? undefined : made;
  }

  #calls(made: MadeInstance | undefined): WebAssembly.Imports {
    const memory = (): WebAssembly.Memory => this.#guestMemory();
    if (this.#nexe === undefined) return this.#zrt.wasiImports(memory, made?.wasi);
    const resumed = this.#setting.image?.state.world;
    return this.#zrt.trapImports(memory, nexeSpace(this.#nexe, this.#code, resumed), made?.trap);
  }

  #codeMaker(nexe: OrderNexe, { program, tier }: GuestOrder): NexeCode {
    const guest = (): CodeGuest => {
      return { exports: this.#exports, imports: this.#imports, memory: this.#guestMemory() };
    };
    const { read, image } = this.#setting;
    const setting = { nexe, program, isOutlined: tier === "auto", read, guest };
    return new NexeCode(image === undefined ? setting : { ...setting, file: image.program });
  }

  #guestMemory(): WebAssembly.Memory {
    if (this.memory === undefined) {
      throw new WebAssembly.RuntimeError("a call before the memory of the module exists");
    }
    return this.memory;
  }
}

function nothing(): void {}

function call(exported: unknown): void {
  if (typeof exported !== "function") throw new WebAssembly.LinkError("There is no `_start`");
  exported();
}

/** A guest that never came to life has used nothing. */
function fuelOf(fuel: bigint | undefined, account?: FuelAccount): { fuelUsed?: bigint } {
  return fuel === undefined ? {} : { fuelUsed: account?.used ?? 0n };
}
