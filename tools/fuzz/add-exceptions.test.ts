import { expect, test } from "vitest";
import { moduleOf } from "../../test/support/wat.ts";
import { withExceptions } from "./add-exceptions.ts";

const BARE_TAG_THROWN = 1;
const WRAPPED_WITH_CATCH_ALL = 1;
const MODULE = moduleOf('(module (func (export "f") unreachable))');
const UNREACHABLE = 0;
const REF_AS_NON_NULL = 0xd4;

test("bodies are wrapped, and some traps are thrown", () => {
  const choices = Uint8Array.of(WRAPPED_WITH_CATCH_ALL, BARE_TAG_THROWN);
  const module = new WebAssembly.Module(withExceptions(MODULE, choices));
  const { f } = new WebAssembly.Instance(module).exports as { f: () => void };
  expect(() => f()).not.toThrow();
});

test("code that cells do not take is left as it is", () => {
  const unknown = MODULE.slice();
  const at = unknown.lastIndexOf(UNREACHABLE);
  unknown[at] = REF_AS_NON_NULL;
  expect(withExceptions(unknown, Uint8Array.of(WRAPPED_WITH_CATCH_ALL))).toBe(unknown);
});
