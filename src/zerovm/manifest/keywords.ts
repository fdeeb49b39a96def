import type { HashName, LimitName } from "../../base/index.ts";
import {
  readClock,
  readEtag,
  readFuel,
  readKey,
  readLimitLine,
  readSeed,
} from "./added-keywords.ts";
import { type ChannelDraft, readChannel } from "./channel-line.ts";
import { shown } from "./finding.ts";
import type { LineReport } from "./line-report.ts";
import type { Setting } from "./lines.ts";
import {
  JOB_BYTES_MAX,
  type Keyword,
  MANIFEST_VERSION,
  type Place,
  type Source,
} from "./manifest.ts";
import { readSource, readText } from "./source.ts";
import { splitToken } from "./token.ts";

/** What a text says as far as it can be read; complete only when nothing was found. */
export interface Draft {
  program?: string | undefined;
  memory?: { readonly sizeBytes: number; readonly etag: boolean } | undefined;
  timeoutSeconds?: number | undefined;
  readonly channels: ChannelDraft[];
  node?: number | undefined;
  nameServer?: Source | undefined;
  job?: string | undefined;
  etag?: HashName | undefined;
  fuel?: bigint | undefined;
  clock?: number | "real" | undefined;
  seed?: bigint | "real" | undefined;
  key?: string | undefined;
  readonly limits: Partial<Record<LimitName, number>>;
  /** Every place of every keyword. */
  readonly seen: Map<Keyword, Place[]>;
}

type Read = (draft: Draft, report: LineReport, setting: Setting) => void;

interface KeywordRule {
  readonly isObligatory?: true;
  readonly isRepeatable?: true;
  /** The original ignores it. */
  readonly isAdded?: true;
  readonly example: string;
  readonly read: Read;
}

function readVersion(_draft: Draft, report: LineReport, { value }: Setting): void {
  if (value.text === MANIFEST_VERSION) return;
  report.error(value, {
    message: `Manifest version is not known: ${shown(value.text)}`,
    state: "invalid manifest version",
    expected: MANIFEST_VERSION,
  });
}

function readProgram(draft: Draft, report: LineReport, { value }: Setting): void {
  draft.program = readText(report, value, "Path of the program");
}

function readMemory(draft: Draft, report: LineReport, { value }: Setting): void {
  const expected = "SIZE, ETAG with ETAG 0 or 1";
  const [first, second] = splitToken(value, ",", 2);
  if (first === undefined || second === undefined) {
    report.error(value, {
      message: "Memory has one field",
      state: "invalid memory token",
      expected,
    });
    return;
  }
  const sizeBytes = report.number(first, "Memory");
  const number = report.number(second, "Etag of the memory");
  if (sizeBytes === undefined || number === undefined) return;
  const etag = BigInt.asIntN(32, number);
  if (etag === 0n || etag === 1n) {
    draft.memory = { sizeBytes: Number(sizeBytes), etag: etag === 1n };
    return;
  }
  report.error(second, {
    message: `Etag of the memory is neither on nor off: ${shown(second.text)}`,
    state: "invalid memory etag token",
    expected: "0 or 1",
  });
}

/** Numbers of 32 bits are cut, not refused, as the original did; but it says nothing. */
function readInt32(report: LineReport, { value, keyword }: Setting): number | undefined {
  const number = report.number(value, keyword);
  if (number === undefined) return undefined;
  const cut = BigInt.asIntN(32, number);
  if (cut !== number) report.warning(value, `${keyword} ${number} is cut to 32 bits: ${cut}`);
  return Number(cut);
}

function readJob(draft: Draft, report: LineReport, { value, rawValue }: Setting): void {
  if (rawValue.text.length <= JOB_BYTES_MAX) {
    draft.job = readText(report, value, "Path of Job");
    return;
  }
  report.error(value, {
    message: `Path of Job has ${rawValue.text.length} bytes`,
    state: "too long Job name",
    expected: `at most ${JOB_BYTES_MAX} bytes behind the =`,
  });
}

function readLimit(draft: Draft, report: LineReport, { value }: Setting): void {
  const setting = readLimitLine(report, value);
  if (setting === undefined) return;
  if (draft.limits[setting.name] === undefined) {
    draft.limits[setting.name] = setting.value;
    return;
  }
  report.error(value, {
    message: `Limit ${setting.name} is set twice`,
    state: "duplicate Limit keyword",
    expected: "one line for each limit",
  });
}

/** In the order of the original's table, which is walked backwards; ours behind it. */
export const KEYWORD_RULES: Readonly<Record<Keyword, KeywordRule>> = {
  Channel: {
    isRepeatable: true,
    example: "Channel = /dev/null, /dev/stdin, 0, 0, 1, 1, 0, 0",
    read: (draft, report, { value }) => {
      draft.channels.push(readChannel(report, value));
    },
  },
  Version: { isObligatory: true, example: `Version = ${MANIFEST_VERSION}`, read: readVersion },
  Program: { isObligatory: true, example: "Program = /path/of/program.wasm", read: readProgram },
  Memory: { isObligatory: true, example: "Memory = 4294967296, 0", read: readMemory },
  Timeout: {
    isObligatory: true,
    example: "Timeout = 50",
    read: (draft, report, setting) => {
      draft.timeoutSeconds = readInt32(report, setting);
    },
  },
  NameServer: {
    example: "NameServer = udp:127.0.0.1:54321",
    read: (draft, report, { value }) => {
      draft.nameServer = readSource(report, value);
    },
  },
  Node: {
    example: "Node = 1",
    read: (draft, report, setting) => {
      draft.node = readInt32(report, setting);
    },
  },
  Job: { example: "Job = /tmp/daemon.socket", read: readJob },
  Etag: {
    example: "Etag = sha256",
    read: (draft, report, { value }) => {
      draft.etag = readEtag(report, value);
    },
  },
  Fuel: {
    isAdded: true,
    example: "Fuel = 1000000000",
    read: (draft, report, { value }) => {
      draft.fuel = readFuel(report, value);
    },
  },
  Clock: {
    isAdded: true,
    example: "Clock = 0",
    read: (draft, report, { value }) => {
      draft.clock = readClock(report, value);
    },
  },
  Seed: {
    isAdded: true,
    example: "Seed = 0",
    read: (draft, report, { value }) => {
      draft.seed = readSeed(report, value);
    },
  },
  Limit: { isAdded: true, isRepeatable: true, example: "Limit = fs-bytes, 64M", read: readLimit },
  Key: {
    isAdded: true,
    example: "Key = /path/of/job.key",
    read: (draft, report, { value }) => {
      draft.key = readKey(report, value);
    },
  },
};
