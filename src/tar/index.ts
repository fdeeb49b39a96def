/** Tar archives: read by index, without copying contents, and written as a stream. Pure. */
export { ArchiveSize } from "./archive-size.ts";
export { type IndexOptions, indexTar } from "./index-tar.ts";
export { compareBytes, type Member, type MemberKind, storedName } from "./member.ts";
export { normalisePath } from "./member-path.ts";
export { TarWriter, type TarWriterOptions, type WriteMember } from "./tar-writer.ts";
