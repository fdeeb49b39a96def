import { type ByteSource, memorySource, ZvmError } from "../../src/base/index.ts";
import { indexTar, type Member } from "../../src/tar/index.ts";
import { type Unpacked, type UnpackOptions, unpackExport } from "../../src/zerovm/image/index.ts";
import { type CraftedMember, craftedTar } from "./crafted-tar.ts";

/** An export as a session leaves it. */
export interface Exported {
  readonly source: ByteSource;
  readonly members: readonly Member[];
}

export function exported(members: readonly CraftedMember[]): Exported {
  const source = memorySource(craftedTar(members));
  const options = { name: "export", membersMax: 1000, links: "kept" } as const;
  return { source, members: indexTar(source, options) };
}

export function file(name: string, contents: string, mode = "0000644\0"): CraftedMember {
  return { name, contents, mode };
}

export function folder(name: string, mode = "0000755\0"): CraftedMember {
  return { name: `${name}/`, type: "5", mode };
}

export function link(name: string, target: string, type: "1" | "2" = "2"): CraftedMember {
  return { name, link: target, type };
}

export function unpack(what: Exported, into: string, options: UnpackOptions = {}): Unpacked {
  return unpackExport(what.source, what.members, into, options);
}

export function refusal(what: Exported, into: string, options: UnpackOptions = {}): string {
  try {
    unpack(what, into, options);
  } catch (error) {
    if (error instanceof ZvmError && error.code === "ZVM_EXPORT") return error.message;
    throw error;
  }
  return "accepted";
}
