import { printable, ZvmError } from "../../base/index.ts";
import type { Exchange, Headers } from "../exchange/index.ts";
import type { ObjectAddress, ObjectStat, Store } from "../store/index.ts";

/** What judges programs when they are stored. */
export interface Prevalidation {
  /** Number of the rules that it judges by: what others found counts for nothing. */
  readonly rules: number;
  /** Whether objects of a type are judged unasked. */
  isProgram(contentType: string): boolean;
  /**
   * Whether there is room for one more program of an account.
   * @throws ZvmError ZVM_JOB_BUSY where there is none
   */
  needRoom(exchange: Exchange, account: string): Promise<void>;
  /** Whether the bytes of an object would be run; unjudged where there is no room. Never throws. */
  judge(exchange: Exchange, stat: ObjectStat): Promise<Judgement>;
}

/** What is found about a program that is stored. */
export type Judgement =
  | { readonly kind: "valid" }
  /** Why it is none, or why nobody can say, for people. */
  | { readonly kind: "invalid" | "unjudged"; readonly reason: string };

const ASKS_TO_JUDGE = "x-zerovm-validate";
const ASKS_OF_MARK = "x-zerovm-valid";
const VALID: Headers = { "X-Zerovm-Valid": "true" };
/** Tells people why there is no mark: that alone is the same for all programs without one. */
const REASON = "X-Zerovm-Validation";
const REASON_LENGTH_MAX = 500;
const CHANGED = "the object was changed meanwhile";

/**
 * Marks of objects whose bytes were found to be a valid program. Nothing that a client sends
 * becomes one: they are made of what was found here, and lie beside metadata.
 */
export class ProgramMarks {
  readonly #store: Store;
  readonly #prevalidation: Prevalidation | undefined;

  constructor(store: Store, prevalidation: Prevalidation | undefined) {
    this.#store = store;
    this.#prevalidation = prevalidation;
  }

  /**
   * Looks for room for what a request asks to be judged, before anything is stored. What is judged
   * unasked is stored in any case: then it is judged when it runs.
   * @throws ZvmError ZVM_JOB_BUSY
   */
  async needRoom(exchange: Exchange, { account }: Pick<ObjectAddress, "account">): Promise<void> {
    if (exchange.header(ASKS_TO_JUDGE) === undefined) return;
    await this.#prevalidation?.needRoom(exchange, account);
  }

  /**
   * Judges what a request stored, where it is to be judged. The object is there in any case.
   * @param contentType that the request gave it
   * @returns headers of the answer
   */
  async judged(
    exchange: Exchange,
    stat: ObjectStat,
    contentType: string | undefined,
  ): Promise<Headers> {
    const prevalidation = this.#prevalidation;
    if (prevalidation === undefined) return {};
    const isAsked = exchange.header(ASKS_TO_JUDGE) !== undefined;
    if (!isAsked && !prevalidation.isProgram(contentType ?? "")) return {};
    if (this.#isMarked(stat)) return VALID;
    // What is put together from others is another thing whenever they are.
    if (stat.isLarge || stat.segments !== undefined) {
      return told({ kind: "unjudged", reason: "a large object is judged when it runs" });
    }
    const found = await prevalidation.judge(exchange, stat);
    if (found.kind !== "valid") return told(found);
    const isMarked = await this.#remember(stat, prevalidation.rules);
    return isMarked ? VALID : told({ kind: "unjudged", reason: CHANGED });
  }

  /** Without its mark an object is judged when it runs. Its container can be gone by now. */
  async #remember(stat: ObjectStat, rules: number): Promise<boolean> {
    try {
      return await this.#store.objects.markValid(stat, stat.file.sha256, rules);
    } catch (cause) {
      if (cause instanceof ZvmError) return false;
      throw cause;
    }
  }

  /** What an answer says of the mark of an object, where it is asked for. */
  shown(exchange: Exchange, stat: ObjectStat): Headers {
    const isAsked = exchange.header(ASKS_OF_MARK) !== undefined;
    return isAsked && this.#isMarked(stat) ? VALID : {};
  }

  #isMarked({ validRules }: ObjectStat): boolean {
    return validRules !== undefined && validRules === this.#prevalidation?.rules;
  }
}

function told({ kind, reason }: Exclude<Judgement, { readonly kind: "valid" }>): Headers {
  const verdict = kind === "invalid" ? "invalid" : "not judged";
  return { [REASON]: printable(`${verdict}: ${reason}`).slice(0, REASON_LENGTH_MAX) };
}
