import type { ByteSource, ByteString } from "../../base/index.ts";
import type { MemberTable } from "../../tar/index.ts";

/** An archive, judged and indexed before, that becomes a part of the tree. */
export interface Image {
  readonly source: ByteSource;
  readonly members: MemberTable;
  readonly mountpoint: ByteString;
  /** EROFS for every change below the mountpoint. */
  readonly readonly: boolean;
  /** `classic`: mode 0700 and the session's clock instead of what the archive says. */
  readonly meta: "archive" | "classic";
  /** A host folder is a volume of its own, whose listings begin with `.` and `..`. */
  readonly isFolder: boolean;
}
