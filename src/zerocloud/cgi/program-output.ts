import { metaFaults, metaItemFault } from "../job/index.ts";
import { isProgramHeader, type Refusal, refuse } from "../result/index.ts";
import type { CgiHead } from "./cgi-head.ts";

/** What a head says of an output, by what is done with it. */
export interface ProgramOutput {
  readonly kind: "output";
  /** Of the answer; means nothing for an output that is stored. */
  readonly status?: number;
  readonly contentType: string;
  /** `X-Object-Meta-*` without that part, names in lower case: metadata of an object. */
  readonly metadata: Readonly<Record<string, string>>;
  /** For the answer, metadata among them; `Content-Length` too, which says it to HEAD. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

const META = /^x-object-meta-(.*)$/is;

/** Swift's limit on the value of a header. */
export const HEADER_BYTES_MAX = 8192;

/**
 * What a head says of its output.
 * @param standardType the content type of an output that names none
 * @returns a refusal where Swift would not take its metadata
 */
export function outputOf(head: CgiHead, standardType: string): ProgramOutput | Refusal {
  const types = head.headers.filter(([name]) => name.toLowerCase() === "content-type");
  const headers = head.headers.filter(([name]) => {
    return isProgramHeader(name) || name.toLowerCase() === "content-length";
  });
  const long = head.headers.find(([, value]) => sizeOf(value) > HEADER_BYTES_MAX);
  if (long !== undefined) return refuse(400, `Header value too long: ${long[0]}`);
  const items = new Map<string, string>();
  for (const [name, value] of headers) {
    const key = META.exec(name)?.[1]?.toLowerCase();
    if (key !== undefined) items.set(key, value);
  }
  const faults = [...items].flatMap(([key, value]) => metaItemFault(key, value) ?? []);
  const [fault] = [...faults, ...metaFaults([...items])];
  if (fault !== undefined) return refuse(400, fault);
  const { status } = head;
  return {
    kind: "output",
    ...(status === undefined ? {} : { status }),
    contentType: types.at(-1)?.[1] || standardType,
    metadata: Object.fromEntries(items),
    headers,
  };
}

function sizeOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
