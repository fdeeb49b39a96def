import { NotBuilt } from "./not-built.ts";
import type { PlacedText } from "./places.ts";
import { rewriteInstruction } from "./rewrite-instruction.ts";
import { readLines, type SourceLine } from "./source-line.ts";

const NAME = /[A-Za-z_.][\w.$]*/g;
const BRANCH = /^(?:j[a-z]+|callq?|loop(?:n?[ez])?)$/;
const DATA = /^\.(?:byte|short|value|word|long|int|quad|set|equ)$/;
const ALIGNMENT = /^\.(?:p2align|balign|align)$/;
const SECTION = /^\.(?:text|data|bss|rodata)\b/;
/** What says nothing that an assembled program keeps. */
const SILENT = /^\.(?:file|ident|size|type|loc|cfi_\w+|globl|local|weak|hidden)$/;

/**
 * Makes of assembly text from gcc such text as the rules of the sandbox accept: see
 * `rewriteInstruction` for what becomes of an instruction. Functions, and labels whose address is
 * somewhere a value, stand at the start of a bundle, where a computed jump can reach them.
 * @param suffix of the labels around inline assembly, which no other text has
 * @throws NotBuilt for what no program of the sandbox can have, by its name
 */
export function rewrite(text: string, suffix: string): Pick<PlacedText, "text" | "sources"> {
  const lines = readLines(text);
  const entries = entryNames(lines);
  const output: string[] = [".text"];
  const sources = new Map<string, string | undefined>();
  let isCode = true;
  for (const [at, line] of lines.entries()) {
    if (line.kind === "label") {
      if (isCode && entries.has(line.name)) output.push(".p2align 5");
      output.push(`${line.name}:`);
    } else if (line.kind === "source") {
      const label = `.Lsource.${suffix}.${sources.size}`;
      sources.set(label, line.place);
      output.push(`${label}:`);
    } else if (line.kind === "instruction") {
      output.push(...rewriteInstruction(line, lines[at + 1]));
    } else {
      const section = sectionOf(line.name, line.rest);
      if (section !== undefined) isCode = section.startsWith(".text");
      if (!isCode || !ALIGNMENT.test(line.name)) output.push(...directive(line.name, line.rest));
    }
  }
  return { text: `${output.join("\n")}\n`, sources };
}

/** Functions, and every name that is more than the target of a branch. */
function entryNames(lines: readonly SourceLine[]): Set<string> {
  const names = new Set<string>();
  const add = (text: string) => {
    for (const [name] of text.matchAll(NAME)) names.add(name);
  };
  for (const line of lines) {
    if (line.kind === "instruction" && !BRANCH.test(line.name)) line.operands.forEach(add);
    if (line.kind !== "directive") continue;
    if (DATA.test(line.name)) add(line.rest);
    else if (line.name === ".type" && line.rest.includes("@function")) add(line.rest);
  }
  return names;
}

function sectionOf(name: string, rest: string): string | undefined {
  if (name === ".section") return rest.split(",")[0]?.trim();
  return SECTION.test(name) ? name : undefined;
}

function directive(name: string, rest: string): string[] {
  const section = sectionOf(name, rest);
  if (section === undefined) return SILENT.test(name) ? [] : [`${name} ${rest}`];
  if (section === ".note.GNU-stack" && /^[^,]*,\s*"[^"]*x/.test(rest)) {
    throw new NotBuilt("a nested function is called by its address, which needs code on the stack");
  }
  if (section.startsWith(".note")) return [];
  if (/^\.t(?:bss|data)\b/.test(section)) {
    throw new NotBuilt("variables of a thread have no place in a nexe");
  }
  if (!SECTION.test(section)) throw new NotBuilt(`no nexe has a section ${section}`);
  return [`.section ${section}`];
}
