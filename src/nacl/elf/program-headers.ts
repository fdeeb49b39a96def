import { type ElfForm, readWord } from "./elf-form.ts";
import { type ElfHeader, judgeWord32 } from "./elf-header.ts";
import type { NexePolicy } from "./nexe.ts";

/** A program header as the file has it, nothing of it judged. */
export interface ProgramHeader {
  /** Number of the header, for messages. */
  readonly segment: number;
  /** Where the header lies in the file. */
  readonly start: number;
  readonly form: ElfForm;
  readonly type: number;
  readonly flags: number;
  readonly offset: bigint;
  readonly address: bigint;
  readonly fileSize: bigint;
  readonly memorySize: bigint;
}

/**
 * Reads all program headers, of which `ElfHeader` has made sure that there are few and that they
 * lie in the file.
 * @throws NexeRefused where the policy wants all fields to fit into 32 bits.
 */
export function readProgramHeaders(
  view: DataView,
  header: ElfHeader,
  policy: NexePolicy,
): ProgramHeader[] {
  const { form, headerCount, headersOffset } = header;
  return Array.from({ length: headerCount }, (_, segment) => {
    const start = headersOffset + segment * form.entryBytes;
    if (policy === "nacl") judgeWords(view, start, form);
    return readProgramHeader(view, { segment, start, form });
  });
}

function readProgramHeader(
  view: DataView,
  place: Pick<ProgramHeader, "segment" | "start" | "form">,
): ProgramHeader {
  const { start, form } = place;
  const at = form.segment;
  return {
    ...place,
    type: view.getUint32(start + at.type, true),
    flags: view.getUint32(start + at.flags, true),
    offset: readWord(view, start + at.offset, form),
    address: readWord(view, start + at.address, form),
    fileSize: readWord(view, start + at.fileSize, form),
    memorySize: readWord(view, start + at.memorySize, form),
  };
}

function judgeWords(view: DataView, start: number, form: ElfForm): void {
  const at = form.segment;
  judgeWord32(view, start + at.offset, form, "p_offset");
  judgeWord32(view, start + at.address, form, "p_vaddr");
  judgeWord32(view, start + at.physicalAddress, form, "p_paddr");
  judgeWord32(view, start + at.fileSize, form, "p_filesz");
  judgeWord32(view, start + at.memorySize, form, "p_memsz");
  judgeWord32(view, start + at.alignment, form, "p_align");
}
