/**
 * Opcodes by name, those that passes ask for. One with a prefix byte is a number above 255:
 * `BULK` and `VECTOR` plus what follows the prefix.
 */
export const OP = {
  UNREACHABLE: 0x00,
  NOP: 0x01,
  BLOCK: 0x02,
  LOOP: 0x03,
  IF: 0x04,
  ELSE: 0x05,
  TRY: 0x06,
  CATCH: 0x07,
  THROW: 0x08,
  RETHROW: 0x09,
  THROW_REF: 0x0a,
  END: 0x0b,
  BR: 0x0c,
  BR_IF: 0x0d,
  BR_TABLE: 0x0e,
  RETURN: 0x0f,
  CALL: 0x10,
  CALL_INDIRECT: 0x11,
  RETURN_CALL: 0x12,
  RETURN_CALL_INDIRECT: 0x13,
  DELEGATE: 0x18,
  CATCH_ALL: 0x19,
  DROP: 0x1a,
  SELECT: 0x1b,
  SELECT_TYPED: 0x1c,
  TRY_TABLE: 0x1f,
  LOCAL_GET: 0x20,
  LOCAL_SET: 0x21,
  LOCAL_TEE: 0x22,
  GLOBAL_GET: 0x23,
  GLOBAL_SET: 0x24,
  TABLE_GET: 0x25,
  F32_STORE: 0x38,
  F64_STORE: 0x39,
  MEMORY_SIZE: 0x3f,
  MEMORY_GROW: 0x40,
  I32_CONST: 0x41,
  I64_CONST: 0x42,
  F32_CONST: 0x43,
  F64_CONST: 0x44,
  I32_EQZ: 0x45,
  I32_LT_S: 0x48,
  I32_LT_U: 0x49,
  I32_GT_U: 0x4b,
  I64_LT_S: 0x53,
  I64_GT_U: 0x56,
  F32_LE: 0x5f,
  F64_LE: 0x65,
  I32_ADD: 0x6a,
  I32_SUB: 0x6b,
  I64_ADD: 0x7c,
  I64_SUB: 0x7d,
  REF_NULL: 0xd0,
  REF_IS_NULL: 0xd1,
  REF_FUNC: 0xd2,
} as const;

/** Added to the number that follows the prefix 0xfc. */
export const BULK = 0x100;
/** Added to the number that follows the prefix 0xfd. */
export const VECTOR = 0x200;
/** All opcodes are below this. */
export const OPCODES_MAX = 0x300;

/** Opcodes of bulk operations by name. */
export const BULK_OP = {
  MEMORY_INIT: BULK + 8,
  MEMORY_COPY: BULK + 10,
  MEMORY_FILL: BULK + 11,
  TABLE_INIT: BULK + 12,
  TABLE_COPY: BULK + 14,
  TABLE_GROW: BULK + 15,
  TABLE_SIZE: BULK + 16,
  TABLE_FILL: BULK + 17,
} as const;
