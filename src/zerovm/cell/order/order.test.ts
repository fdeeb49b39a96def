import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { changedAt, fullOrder, placesOf, REMOVED } from "../../../../test/support/orders.ts";
import { encodeMembers } from "./members-block.ts";
import { encodeModuleOrder } from "./module-order.ts";
import { encodeOrder, FIRST_CELL_FD, ORDER_VERSION, type Order } from "./order.ts";
import { parseFirstOrder, parseOrder } from "./parse-order.ts";

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "order.schema.json"), "utf8"));
const isOrder = new Ajv({ strictTypes: false, allowUnionTypes: true }).compile(schema);

/** Reads a text as an order, with the members of another behind it. */
function parsed(text: string, { images }: Order = fullOrder()): Order {
  const blocks = images.map(({ members }) => encodeMembers(members));
  return parseOrder(text, () => blocks.shift() ?? new Uint8Array());
}

function accepts(value: unknown): boolean {
  try {
    parsed(JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

describe("orders", () => {
  test("come back as they were written", () => {
    expect(parsed(encodeOrder(fullOrder()))).toEqual(fullOrder());
    const real = { ...fullOrder(), clock: "real", seed: "real" } as const;
    expect(parsed(encodeOrder(real))).toEqual(real);
  });

  test("may be preceded by what to compile", () => {
    const first = (text: string) => parseFirstOrder(text, () => new Uint8Array());
    const { limits, nexe } = fullOrder();
    const common = {
      version: ORDER_VERSION,
      module: { fd: FIRST_CELL_FD, sizeBytes: 7 },
      limits,
    } as const;
    expect(first(encodeModuleOrder(7, { limits }))).toEqual(common);
    const withNexe = { ...common, ...(nexe && { nexe }) };
    expect(first(encodeModuleOrder(7, { limits, ...(nexe && { nexe }) }))).toEqual(withNexe);
    const changed = (change: object) => JSON.stringify({ ...common, ...change });
    expect(() => first(changed({ x: 1 }))).toThrow('The order has an unknown field "x"');
    expect(() => first(changed({ version: 1 }))).toThrow("The order.version is none of");
    expect(() => first(changed({ limits: {} }))).toThrow("The order.limits has no field");
    expect(() => first(changed({ nexe: {} }))).toThrow("The order.nexe has no field");
    expect(() => parsed(changed({}))).toThrow('The order has an unknown field "module"');
  });

  test("follow the published schema", () => {
    expect(isOrder(JSON.parse(encodeOrder(fullOrder())))).toBe(true);
  });

  test.each([
    ["{", "The order is no JSON"],
    ["[]", "The order is no object"],
    ["{}", 'The order has no field "version"'],
  ])("refuses %s", (text, message) => {
    expect(() => parsed(text)).toThrow(message);
  });

  test.each([
    [["version"], 1, "The order.version is none of 8"],
    [["extra"], 1, 'The order has an unknown field "extra"'],
    [["channels", "0", "gets"], "-1", "The order.channels[0].gets is no decimal number"],
    [["channels", "0", "gets"], `${2n ** 63n}`, "is more than 9223372036854775807"],
    [["channels", "0", "alias"], "\u{100}", "The order.channels[0].alias is no byte string"],
    [["channels", "1", "sources", "0", "fd"], -1, "is -1, not within 0 to 1048576"],
    [["channels", "1", "sources", "0", "fd"], 1.5, "is no integer"],
    [["exports", "0", "channel"], 2, "is 2, not within 0 to 1"],
    [["images", "0", "members"], 3, "The block of members is of 2 members, not of 3"],
    [["env", "0"], ["x"], "The order.env[0] is no pair"],
    [["limits", "memory"], 2 ** 33, "not within 0 to 4294967296"],
    [["nexe", "policy"], "none", "The order.nexe.policy is"],
    [["nexe", "further", "program", "fd"], -1, "is -1, not within 0 to 1048576"],
  ])("names what is wrong at %j", (path, change, message) => {
    const value = changedAt(JSON.parse(encodeOrder(fullOrder())), path, change);
    expect(() => parsed(JSON.stringify(value))).toThrow(message);
  });

  test("are refused by the parser wherever the schema refuses them", () => {
    const good: unknown = JSON.parse(encodeOrder(fullOrder()));
    const places = placesOf(good).filter((path) => path.length > 0);
    const change = fc.oneof(
      fc.constant(REMOVED),
      fc.constantFrom(null, true, -1, 1.5, 2 ** 60, "", "x", "-1", [], [null], {}, { x: 1 }),
      fc.jsonValue({ maxDepth: 2 }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...places), change, (path, changed) => {
        const value = changedAt(good, path, changed);
        if (!isOrder(value)) expect(accepts(value)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  test("that are no orders at all are refused", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => parsed(text)).toThrow();
      }),
    );
  });
});

test("what is wrong with an order is told shortly, and drives no terminal", () => {
  const name = `\u009b31m${"x".repeat(10_000)}`;
  const text = JSON.stringify({ [name]: 1 });
  expect(() => parsed(text)).toThrow(/^The order has an unknown field "\\x9b31mx{100,200}…$/);
});

test("an order that no cell takes is refused before it is sent", () => {
  const args = Array.from({ length: 1000 }, () => "\x01".repeat(100_000));
  expect(() => encodeOrder({ ...fullOrder(), args })).toThrow("more than the 512 MiB of an order");
});
