import { FORMS, type Form } from "../../../src/nacl/x86/index.ts";
import { whyExcluded } from "./exclusions.ts";

/** A form with one operand size, and with a register or memory. */
export interface Shape {
  readonly form: Form;
  readonly size: number;
  readonly inMemory: boolean;
  readonly lock: boolean;
  /** F3 or F2 before a string instruction. */
  readonly repeat: number | undefined;
}

const REP = 0xf3;
const REPNE = 0xf2;

/** All shapes of the forms that are compared, in the order of the table. */
export function allShapes(): Shape[] {
  return FORMS.filter((form) => whyExcluded(form) === undefined).flatMap(shapesOf);
}

function shapesOf(form: Form): Shape[] {
  return sizesOf(form).flatMap((size) =>
    placesOf(form).flatMap((inMemory) => {
      const shapes: Shape[] = [];
      for (const repeat of repeatsOf(form, size)) {
        shapes.push({ form, size, inMemory, lock: false, repeat });
      }
      const locks = inMemory && form.marks.has("lock");
      if (locks) shapes.push({ form, size, inMemory, lock: true, repeat: undefined });
      return shapes;
    }),
  );
}

function sizesOf({ size }: Form): number[] {
  switch (size) {
    case "v":
      return [2, 4, 8];
    case "y":
      return [4, 8];
    case "s":
      return [8, 2];
    default:
      return [size];
  }
}

function repeatsOf({ marks }: Form, size: number): (number | undefined)[] {
  // The rules accept no repeated string instruction on words.
  if (size === 2) return [undefined];
  if (marks.has("repcc")) return [undefined, REP, REPNE];
  return marks.has("rep") ? [undefined, REP] : [undefined];
}

/** Whether the operand of modrm may be a register, memory, or both; once where there is none. */
function placesOf({ modrm }: Form): boolean[] {
  if (!modrm.present || modrm.fixed !== undefined) return [false];
  return [...(modrm.register ? [false] : []), ...(modrm.memory ? [true] : [])];
}
