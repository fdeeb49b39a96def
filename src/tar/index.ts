/** Tar archives: read by index, without copying contents, and written as a stream. Pure. */
export { ArchiveSize } from "./archive-size.ts";
export { type IndexOptions, indexTar, tabulateTar } from "./index-tar.ts";
export { compareBytes, type Member, type MemberKind, storedName } from "./member.ts";
export { normalisePath, PATH_BYTES_MAX } from "./member-path.ts";
export { KIND, MemberTable, ROW } from "./member-table.ts";
export { type Outline, RUN_NUMBERS } from "./outline.ts";
export { tableOf } from "./table-builder.ts";
export { isTableFor } from "./table-fit.ts";
export { TarWriter, type TarWriterOptions, type WriteMember } from "./tar-writer.ts";
