import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { WASI_ERRNO_NAMES } from "../../../test/support/wasi-errno.ts";
import { ERRNO } from "../../base/index.ts";
import { TRAP_CALLS } from "../trace/index.ts";
import { CALLS_BY_MODULE } from "./calls.ts";
import { wasiErrno } from "./errno.ts";
import {
  EXTENSION_SIGNATURES,
  HOST_IMPORTS,
  PREVIEW1_SIGNATURES,
  UNSTABLE_SIGNATURES,
} from "./signatures.ts";

const SIGNATURES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  wasi_snapshot_preview1: PREVIEW1_SIGNATURES,
  wasi_unstable: UNSTABLE_SIGNATURES,
  zrt: EXTENSION_SIGNATURES,
};

function page(name: string): string {
  return readFileSync(new URL(`../../../docs/reference/${name}`, import.meta.url), "utf8");
}

describe("the table of calls", () => {
  test.each(Object.keys(SIGNATURES))("%s has every call that has a signature", (module) => {
    const calls = Object.keys(CALLS_BY_MODULE[module] ?? {});
    expect(calls.sort()).toEqual(Object.keys(SIGNATURES[module] ?? {}).sort());
    expect([...(HOST_IMPORTS.get(module) ?? [])].sort()).toEqual(calls);
  });

  test("a number means one function with one type", () => {
    const meanings = new Map<number, Set<string>>();
    for (const [module, calls] of Object.entries(CALLS_BY_MODULE)) {
      for (const [name, [number]] of Object.entries(calls)) {
        const meaning = `${name} ${SIGNATURES[module]?.[name]}`;
        meanings.set(number, (meanings.get(number) ?? new Set()).add(meaning));
      }
    }
    expect([...meanings].filter(([, names]) => names.size > 1)).toEqual([]);
  });

  test("the page on the trace hash lists every number with its arguments", () => {
    const text = page("trace-hash.md");
    const missing = rows().filter((row) => !text.includes(`\n${row}\n`));
    expect(missing).toEqual([]);
    // Calls of Native Client programs stand behind those of WebAssembly.
    const traps = Object.entries(TRAP_CALLS).map(([, { number, words }]) => {
      expect(text).toMatch(
        new RegExp(
          `^\\| ${number} \\| \`\\w{4}\` \\| \`nacl\` \\| ${"i64 ".repeat(words).trim()} \\|$`,
          "mu",
        ),
      );
      return number;
    });
    expect(text.match(/^\| \d+ \| `/gmu)).toHaveLength(rows().length + traps.length);
  });

  test("the page on WASI names every call of preview1, the one on the extension every other", () => {
    const wasi = page("wasi.md");
    const extension = page("zrt-extension.md");
    const header = readFileSync(new URL("../../../docs/zrt.h", import.meta.url), "utf8");
    for (const name of Object.keys(PREVIEW1_SIGNATURES)) expect(wasi).toContain(`\n| \`${name}\``);
    for (const name of Object.keys(EXTENSION_SIGNATURES)) {
      expect(extension).toContain(`\n| \`${name}\``);
      expect(header).toContain(`ZRT_IMPORT(${name})`);
    }
  });
});

/** The rows of the table in the document, in the order of their numbers. */
function rows(): string[] {
  const byNumber = new Map<number, string>();
  for (const [module, calls] of Object.entries(CALLS_BY_MODULE)) {
    for (const [name, [number]] of Object.entries(calls)) {
      if (byNumber.has(number)) continue;
      const [parameters = ""] = (SIGNATURES[module]?.[name] ?? "").split("->");
      const where =
        module === "wasi_unstable" ? "`wasi_unstable`" : module === "zrt" ? "`zrt`" : "";
      byNumber.set(number, `| ${number} | \`${name}\` | ${where} | ${parameters.trim()} |`);
    }
  }
  return [...byNumber].sort(([a], [b]) => a - b).map(([, row]) => row);
}

describe("error numbers", () => {
  test.each(Object.entries(ERRNO))("%s is the WASI error of the same name", (name, linux) => {
    const expected = name === "OK" ? "SUCCESS" : name === "E2BIG" ? "TOOBIG" : name.slice(1);
    expect(WASI_ERRNO_NAMES.get(wasiErrno(linux))).toBe(expected);
  });

  test("no error is NOTCAPABLE, and one without a name in WASI is IO", () => {
    expect(Object.values(ERRNO).map(wasiErrno)).not.toContain(76);
    expect(wasiErrno(4095 as never)).toBe(29);
  });
});
