import { describe, expect, test } from "vitest";
import { moduleOf } from "../../../test/support/wat.ts";
import { readModule } from "../../wasm/index.ts";
import { PREVIEW1_SIGNATURES, UNSTABLE_SIGNATURES } from "./signatures.ts";

describe("signatures of WASI", () => {
  test("preview1 has 46 calls, preview0 all but sock_accept", () => {
    expect(Object.keys(PREVIEW1_SIGNATURES)).toHaveLength(46);
    expect(Object.keys(UNSTABLE_SIGNATURES)).toHaveLength(45);
    expect(UNSTABLE_SIGNATURES).not.toHaveProperty("sock_accept");
  });

  test("each is what the module reader makes of such an import", () => {
    const imports = Object.entries(PREVIEW1_SIGNATURES).map(([name, signature]) => {
      const [parameters = "", results = ""] = signature.split("->").map((part) => part.trim());
      return `(import "w" "${name}" (func (param ${parameters}) (result ${results})))`;
    });
    const shape = readModule(moduleOf(`(module ${imports.join("\n")})`));
    const found = Object.fromEntries(shape.imports.map((it) => [it.name, it.type]));
    expect(found).toEqual(PREVIEW1_SIGNATURES);
  });
});
