/** Records of sessions: all that it takes to run one again, in one file. */
export { type OpenedRecord, openRecord } from "./open-record.ts";
export { differenceOf, type Expected, expectedOf, PART_NAMES, type Part } from "./record.ts";
export { type RecordContents, type RecordedPart, writeRecord } from "./write-record.ts";
