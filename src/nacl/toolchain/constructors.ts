const LIST = /^\s*\.section\s+"?\.(init|fini)_array(?:\.(\d{1,5}))?[",\s]/;
const OTHER_SECTION = /^\s*\.(?:section|text|data|bss|rodata)\b/;
/** What such a section holds, and what is said of it; all else there stands in no section. */
const HELD =
  /^\s*(?:[A-Za-z_.][\w.$]*\s*:|\.(?:p2align|balign|align|zero|long|int|quad|size|type)\b)/;
const ENTRY = /^\s*\.(?:long|quad)\s+(\S+)/;
/** Functions without a priority of their own come last. */
const PRIORITY_LAST = 65_536;

/** A function that runs before `main`, or at the end. */
export interface Constructor {
  readonly kind: "init" | "fini";
  readonly priority: number;
  readonly name: string;
}

/** A text without its lists of constructors, and what was in them. */
export interface WithoutConstructors {
  readonly text: string;
  readonly found: readonly Constructor[];
}

/**
 * Takes the sections out of a text in which compilers list what runs before and behind `main`.
 * gcc begins no other section for variables that are zero, in `.local` and `.comm`: they stay.
 */
export function takeConstructors(text: string): WithoutConstructors {
  const found: Constructor[] = [];
  let list: Pick<Constructor, "kind" | "priority"> | undefined;
  const lines = text.split("\n").map((line) => {
    const [begins, kind, priority] = LIST.exec(`${line} `) ?? [];
    if (begins !== undefined) {
      list = {
        kind: kind === "init" ? "init" : "fini",
        priority: priority === undefined ? PRIORITY_LAST : Number(priority),
      };
      return "";
    }
    if (OTHER_SECTION.test(line)) list = undefined;
    if (list === undefined || !HELD.test(line)) return line;
    const name = ENTRY.exec(line)?.[1];
    if (name !== undefined) found.push({ ...list, name });
    return "";
  });
  return { text: lines.join("\n"), found };
}

/**
 * The lists that the start of a program goes through, each ended by a null: constructors by their
 * priority and in the order of the texts, destructors the other way round.
 */
export function constructorLists(found: readonly Constructor[]): string {
  const ordered = found.toSorted((left, right) => left.priority - right.priority);
  const names = (wanted: Constructor["kind"]): string[] =>
    ordered.filter(({ kind }) => kind === wanted).map(({ name }) => name);
  const list = (label: string, entries: readonly string[]): string[] => [
    `.globl ${label}`,
    `${label}:`,
    ...[...entries, "0"].map((entry) => `.long ${entry}`),
  ];
  const lines = [
    ".section .rodata",
    ".p2align 2",
    ...list("__zvm_constructors", names("init")),
    ...list("__zvm_destructors", names("fini").reverse()),
  ];
  return `${lines.join("\n")}\n`;
}
