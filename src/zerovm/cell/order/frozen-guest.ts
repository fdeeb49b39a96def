import type { JsonReader } from "./json-reader.ts";
import type { Order } from "./order.ts";

const TEXT_MAX = 2 ** 16;

/** What a frozen guest consists of besides its memory, which is in a file. */
export interface FrozenGuest {
  /** What its module shows, in order. */
  readonly values: readonly bigint[];
  readonly clockNs: bigint;
  readonly entropyBytes: bigint;
  /** What cannot be stored, for people. */
  readonly problems: readonly string[];
}

/**
 * What an answer says of a frozen guest, in a field of its own.
 * @throws ZvmError ZVM_ORDER where it does not fit the order
 */
export function readFrozen(answer: JsonReader, { freezes }: Order): { frozen?: FrozenGuest } {
  const frozen = answer.optional("frozen");
  if (frozen === undefined) return {};
  if (freezes === undefined) answer.fail("has a frozen guest, which nobody asked for");
  frozen.only(["values", "clockNs", "entropyBytes", "problems"]);
  const values = frozen.field("values").list(freezes.values);
  const problems = frozen.field("problems").list(PROBLEMS_MAX);
  if (problems.length === 0 && values.length !== freezes.values) frozen.fail("lacks values");
  return {
    frozen: {
      values: values.map((value) => value.decimal(U64_MAX)),
      clockNs: frozen.field("clockNs").decimal(U64_MAX),
      entropyBytes: frozen.field("entropyBytes").decimal(U64_MAX),
      problems: problems.map((problem) => problem.text(TEXT_MAX)),
    },
  };
}

const PROBLEMS_MAX = 1000;
const U64_MAX = 2n ** 64n - 1n;

/** The same with numbers as text, which JSON can hold. */
export function writtenFrozen(frozen: FrozenGuest): unknown {
  return {
    ...frozen,
    values: frozen.values.map(String),
    clockNs: `${frozen.clockNs}`,
    entropyBytes: `${frozen.entropyBytes}`,
  };
}
