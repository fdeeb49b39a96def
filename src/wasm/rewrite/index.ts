/** The ground of passes: walks over function bodies and writes modules with changes. Pure. */

export { BodyCursor, VOID_BLOCK } from "./body-cursor.ts";
export { BodyEdits, type EmitEdit } from "./body-edits.ts";
export { BodyLocals } from "./body-locals.ts";
export type { BodyPlace, NewBody, WriteBody } from "./body-place.ts";
export { BodyWalk, type IndexBounds } from "./body-walk.ts";
export { ByteWriter } from "./byte-writer.ts";
export { ControlStack } from "./control-stack.ts";
export { ModuleDraft } from "./module-draft.ts";
export { type Arity, ModuleTypes } from "./module-types.ts";
export { BULK, BULK_OP, OP, OPCODES_MAX, VECTOR } from "./opcode.ts";
export { EFFECT_VARIES, POPS, PUSHES } from "./stack-effect.ts";
export { TYPE, typeByte } from "./value-type.ts";
