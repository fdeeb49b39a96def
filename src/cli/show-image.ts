import { printable, textOf } from "../base/index.ts";
import type { ListedImage } from "../zerovm/index.ts";
import { complain, print } from "./command.ts";

const TYPE_LETTER = { file: "-", directory: "d", symlink: "l", hardlink: "h" } as const;

/** One line a member: type and mode, size, time, name. */
export function showImage(name: string, { members, sizeBytes, compressed }: ListedImage): void {
  for (const member of members) {
    const mode = member.mode.toString(8).padStart(4, "0");
    const time = shownTime(member.mtimeSeconds);
    const size = String(member.sizeBytes).padStart(12);
    const link = member.link === undefined ? "" : ` -> ${printable(textOf(member.link))}`;
    const path = printable(textOf(member.path)) || ".";
    print(`${TYPE_LETTER[member.kind]}${mode} ${size} ${time} ${path}${link}`);
  }
  const form = compressed ? ", gzip" : "";
  complain(`${name}: ${members.length} members, ${sizeBytes} bytes of tar${form}`);
}

/** What `--json` says of an image: names as text, as in all other JSON. */
export function imageJson({ sizeBytes, compressed, members }: ListedImage): string {
  const shown = members.map((member) => ({
    ...member,
    path: textOf(member.path),
    ...(member.link !== undefined && { link: textOf(member.link) }),
  }));
  return JSON.stringify({ sizeBytes, compressed, members: shown }, null, 2);
}

/** Archives may claim times that no calendar has. */
function shownTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds} s`.padEnd(19) : date.toISOString().slice(0, 19);
}
