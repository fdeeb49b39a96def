import { expect, test } from "vitest";
import { takeConstructors } from "./constructors.ts";

/** As gcc writes it at -O2 where the constructor is the last function: no section follows. */
const LAST = `	.text
	.section	.text.startup,"ax",@progbits
	.p2align 4
	.type	init, @function
init:
	addl	$2, counter(%rip)
	ret
	.size	init, .-init
	.section	.init_array,"aw"
	.align 4
	.long	init
	.local	counter
	.comm	counter,4,4
	.globl	shared
	.set	shared,counter
	.ident	"GCC: (Debian 12.2.0-14+deb12u1) 12.2.0"
	.section	.note.GNU-stack,"",@progbits
`;

test("what stands in no section is kept behind a list of constructors", () => {
  const { text, found } = takeConstructors(LAST);
  expect(found).toEqual([{ kind: "init", priority: 65_536, name: "init" }]);
  const dropped = ['	.section	.init_array,"aw"', "	.align 4", "	.long	init"];
  const kept = LAST.split("\n").map((line) => (dropped.includes(line) ? "" : line));
  expect(text.split("\n")).toEqual(kept);
});

test("a variable that is put into such a list leaves nothing but its entry", () => {
  const list = [
    '	.section	.fini_array.00200,"aw"',
    "	.p2align 2",
    "	.type	pointer, @object",
    "	.size	pointer, 4",
    "pointer:",
    "	.long	last",
    "	.zero	4",
  ];
  const { text, found } = takeConstructors([...list, "	.data", "value:", "	.long	1"].join("\n"));
  expect(found).toEqual([{ kind: "fini", priority: 200, name: "last" }]);
  expect(text.trim()).toBe(".data\nvalue:\n	.long	1");
});
