/**
 * The thirty manifest cases of the original's test suite, as data: what each manifest says, and
 * how its session must end. Used by the tests of this folder and by those of the session, which
 * give them real files. Where the original had an ELF program, there is a WebAssembly module.
 */

/** Paths of the host that the cases need. */
export interface CaseFiles {
  /** A program that exits with 0. */
  readonly program: string;
  /** A file that is no program. */
  readonly malformed: string;
  /** A path where nothing is. */
  readonly missing: string;
  /** A Unix socket. */
  readonly socket: string;
}

export interface ManifestCase {
  readonly name: string;
  readonly text: string;
  /** Exit code under the name `exec --classic`. */
  readonly code: number;
  /** Exit state of the report; absent where it depends on the program loader. */
  readonly state?: string;
  /** Decided by the program file and not by the manifest. */
  readonly byProgram?: true;
}

/** The lines of the good manifest; a change gives another value, or undefined for no line. */
export type Changes = Readonly<Record<string, string | undefined>>;

const NULL_CHANNELS: readonly string[] = [
  "/dev/null, /dev/stdin, 0, 0, 1, 1, 0, 0",
  "/dev/null, /dev/stdout, 0, 0, 0, 0, 1, 1",
  "/dev/null, /dev/stderr, 0, 0, 0, 0, 1, 1",
];

/** Writes a manifest: the good one with changes, and its channels. */
export function manifestText(
  program: string,
  changes: Changes = {},
  channels: readonly string[] = NULL_CHANNELS,
): string {
  const settings: Changes = {
    Version: "20130611",
    Program: program,
    Memory: "33554432, 0",
    Timeout: "1",
    ...changes,
  };
  const lines = Object.entries(settings).flatMap(([key, value]) =>
    value === undefined ? [] : `${key} = ${value}`,
  );
  return ["== manifest ==", ...lines, ...channels.map((value) => `Channel = ${value}`), ""].join(
    "\n",
  );
}

function withChannel(program: string, channel: string, changes: Changes = {}): string {
  return manifestText(program, changes, [...NULL_CHANNELS, channel]);
}

/** All thirty, by the names of the original's files. */
export function manifestCases(files: CaseFiles): readonly ManifestCase[] {
  const { program } = files;
  return [
    { name: "good", text: manifestText(program), code: 0, state: "ok" },
    {
      name: "empty_manifest",
      text: "== channels ==\n\n== end ==\n",
      code: 14,
      state: "Timeout not specified",
    },
    ...programCases(files),
    ...settingCases(program),
    ...nameServerCases(program),
    ...channelCases(files),
    ...channelLineCases(program),
  ];
}

function programCases({ program, malformed, missing }: CaseFiles): ManifestCase[] {
  return [
    {
      name: "no_version",
      text: manifestText(program, { Version: undefined }),
      code: 14,
      state: "Version not specified",
    },
    {
      name: "nexe_skipped",
      text: manifestText(program, { Program: undefined }),
      code: 14,
      state: "Program not specified",
    },
    { name: "no_nexe", text: manifestText(missing), code: 2, byProgram: true },
    { name: "invalid_nexe", text: manifestText(`${missing}.nexe`), code: 2, byProgram: true },
    { name: "malformed_nexe", text: manifestText(malformed), code: 8, byProgram: true },
    { name: "too_large_nexe", text: manifestText("/dev/zero"), code: 5, byProgram: true },
  ];
}

function settingCases(program: string): ManifestCase[] {
  const settings: readonly (readonly [string, Changes, number, string])[] = [
    ["invalid_memory", { Memory: "-1, 0" }, 12, "invalid memory size"],
    ["invalid_memory_tag", { Memory: "33554432, 2" }, 14, "MANIFEST 4: invalid memory etag token"],
    ["missed_memory_tag", { Memory: "33554432" }, 14, "MANIFEST 4: invalid memory token"],
    ["invalid_timeout", { Timeout: "0" }, 14, "invalid timeout 0"],
    ["negative_timeout", { Timeout: "-1" }, 14, "invalid timeout -1"],
    ["invalid_node", { Node: "one" }, 14, "MANIFEST 6: invalid numeric value 'one'"],
  ];
  return settings.map(([name, changes, code, state]) => ({
    name,
    text: manifestText(program, changes),
    code,
    state,
  }));
}

function nameServerCases(program: string): ManifestCase[] {
  const network = "tcp:2:, /dev/out/peer, 0, 0, 0, 0, 1, 1";
  const cases: readonly (readonly [string, Changes, string])[] = [
    [
      "invalid_name_server_host",
      { NameServer: "udp:127.0.1:54321", Node: "1" },
      "MANIFEST 6: malformed ip token",
    ],
    [
      "invalid_name_server_type",
      { NameServer: "udp:127.0.0.1", Node: "1" },
      "MANIFEST 6: invalid channel url",
    ],
    [
      "invalid_name_server_proto",
      { NameServer: "tcp:127.0.0.1:54321", NodeName: "1" },
      "invalid node: 0",
    ],
    ["name_server_missed_node", { NameServer: "udp:127.0.0.1:54321" }, "invalid node: 0"],
  ];
  return cases.map(([name, changes, state]) => ({
    name,
    text: withChannel(program, network, changes),
    code: 14,
    state,
  }));
}

function channelCases({ program, missing, socket }: CaseFiles): ManifestCase[] {
  const named = (aliases: readonly string[]): string =>
    manifestText(
      program,
      {},
      aliases.map((alias) => `/dev/null, ${alias}, 0, 0, 1, 1, 0, 0`),
    );
  const cases: readonly (readonly [string, string, number, string])[] = [
    ["no_channels", manifestText(program, {}, []), 14, "not enough channels: 0"],
    [
      "no_std_channels",
      named(["/dev/a", "/dev/b", "/dev/c", "/dev/d"]),
      14,
      "missing standard channels in manifest",
    ],
    [
      "not_enough_std_channels",
      named(["/dev/stdin", "/dev/stdout", "/dev/a", "/dev/b", "/dev/c"]),
      14,
      "missing standard channels in manifest",
    ],
    [
      "duplicated_channel_alias",
      withChannel(program, "/dev/null, /dev/stdin, 0, 0, 1, 1, 0, 0"),
      14,
      "/dev/stdin is already allocated",
    ],
    [
      "invalid_channel_access_type",
      withChannel(program, "/dev/null, /dev/extra, 5, 0, 1, 1, 0, 0"),
      14,
      "/dev/extra has invalid type 5",
    ],
    [
      "not_existing_channel_name",
      withChannel(program, `${missing}, /dev/extra, 0, 0, 1, 1, 0, 0`),
      14,
      `cannot open ${missing}`,
    ],
    [
      "invalid_channel_source_type",
      withChannel(program, `${socket}, /dev/extra, 0, 0, 1, 1, 0, 0`),
      93,
      "invalid /dev/extra source type 0",
    ],
    [
      "nil_channel",
      withChannel(program, "/dev/null, /dev/extra, 0, 0, 0, 0, 0, 0"),
      22,
      "/dev/extra has invalid i/o type",
    ],
  ];
  return cases.map(([name, text, code, state]) => ({ name, text, code, state }));
}

function channelLineCases(program: string): ManifestCase[] {
  const cases: readonly (readonly [string, string, string])[] = [
    [
      "invalid_channel_path",
      "data/file, /dev/extra, 0, 0, 1, 1, 0, 0",
      "only absolute path channels are allowed",
    ],
    [
      "invalid_limits",
      "/dev/null, /dev/extra, 0, 0, -1, 1, 0, 0",
      "negative limits for /dev/extra",
    ],
    [
      "too_few_channel_attributes",
      "/dev/null, /dev/extra, 0, 0, 1, 1, 0",
      "invalid channel tokens number",
    ],
    [
      "too_much_channel_attributes",
      "/dev/null, /dev/extra, 0, 0, 1, 1, 0, 0, 0",
      "invalid numeric value ', 0'",
    ],
  ];
  return cases.map(([name, channel, state]) => ({
    name,
    text: withChannel(program, channel),
    code: 14,
    state: `MANIFEST 9: ${state}`,
  }));
}
