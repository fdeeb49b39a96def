type Json = Readonly<Record<string, unknown>>;

const text = { type: "string" };
const count = { type: "integer", minimum: 0 };

function inQuery(name: string, description: string, schema: Json = text): Json {
  return { name, in: "query", description, schema };
}

function inHeader(name: string, description: string, schema: Json = text): Json {
  return { name, in: "header", description, schema };
}

const LIST: readonly Json[] = [
  inQuery("format", "Form of a listing, before Accept", { enum: ["plain", "json", "xml"] }),
  inQuery("prefix", "Only names that begin so"),
  inQuery("delimiter", "Names up to the first of these behind the prefix, once"),
  inQuery("marker", "Only names behind this one"),
  inQuery("end_marker", "Only names before this one"),
  inQuery("reverse", "From the last name on", { enum: ["true", "false"] }),
  inQuery("limit", "So many names at most", { type: "integer", minimum: 0, maximum: 10_000 }),
  inQuery("path", "Only names directly below this folder"),
  inQuery("multipart-manifest", "The manifest of a large object, and not its bytes", {
    enum: ["get", "put", "delete"],
  }),
  inHeader("X-Auth-User", "ACCOUNT:USER"),
  inHeader("X-Auth-Key", "The key of the user"),
  inHeader("X-Container-Read", "Who may read its objects, as `.r:*` or `ACCOUNT:USER`"),
  inHeader("X-Container-Write", "Who may write its objects"),
  inHeader("Range", "Parts of the bytes, `bytes=FIRST-LAST`"),
  inHeader("If-Range", "Ranges only of this state of it"),
  inHeader("If-Match", "Only this state of it"),
  inHeader("If-None-Match", "Not this state of it"),
  inHeader("If-Modified-Since", "Only where it was changed since"),
  inHeader("If-Unmodified-Since", "Only where it was not changed since"),
  inHeader("ETag", "MD5 of what is sent"),
  inHeader("X-Copy-From", "`/CONTAINER/OBJECT` whose copy is stored, instead of a body"),
  inHeader("X-Delete-At", "Seconds since 1970 when it goes", count),
  inHeader("X-If-Delete-At", "Only where this is when it goes", count),
  inHeader("X-Delete-After", "Seconds after which it goes", count),
  inHeader("Destination", "`/CONTAINER/OBJECT` of the copy"),
  inHeader("X-Fresh-Metadata", "Leave the metadata behind", { enum: ["true", "false"] }),
  inHeader("X-Zerovm-Execute", "The request brings a job", { enum: ["1.0"] }),
  inHeader(
    "X-Zerovm-Source",
    "`swift://ACCOUNT/CONTAINER/OBJECT`: the job is stored, the body is data",
  ),
  inHeader("X-Zerovm-Deferred", "Answer before the job is done", { enum: ["always", "auto"] }),
  inHeader("X-Zerovm-Timeout", "Seconds for each program, fewer than the server allows", {
    type: "number",
    exclusiveMinimum: 0,
  }),
  inHeader("X-Zerovm-Validate", "Judge the program that is stored, whatever its type"),
  inHeader("X-Zerovm-Valid", "Tell in the same header whether it was found valid"),
  inHeader("Origin", "Where a page comes from"),
  inHeader("Access-Control-Request-Method", "What the page wants to do"),
];

/** Parameters by their names. */
export const PARAMETERS: Readonly<Record<string, Json>> = Object.fromEntries([
  [
    "report",
    inQuery(
      "format",
      "The report of all instances, or where they would run, instead of the answer",
      {
        enum: ["json", "plan"],
      },
    ),
  ],
  [
    "job",
    { name: "job", in: "path", required: true, description: "Of X-Zerovm-Job", schema: text },
  ],
  ...LIST.map((parameter) => [String(parameter["name"]), parameter]),
  ...["account", "container", "object", "rest"].map((name) => [
    name,
    {
      name,
      in: "path",
      required: true,
      description: `${["object", "rest"].includes(name) ? "Slashes are part of it. " : ""}Escaped UTF-8`,
      schema: text,
    },
  ]),
]);

function listOf(required: readonly string[], properties: Json): Json {
  return { type: "array", items: { type: "object", required, properties } };
}

/** @param more what differs in the list of all jobs, and in one of them */
function jobWith(more: Json): Json {
  return {
    type: "object",
    required: ["id", "account", "state", "transaction", "created", "instances"],
    properties: {
      id: text,
      account: text,
      state: { enum: ["planning", "queued", "running", "ended"] },
      outcome: { enum: ["ok", "failed", "refused", "cancelled"] },
      status: count,
      exitCode: { type: "integer" },
      transaction: text,
      created: text,
      started: text,
      ended: text,
      result: text,
      ...more,
    },
  };
}

export const SCHEMAS: Readonly<Record<string, Json>> = {
  Containers: listOf(["name", "count", "bytes"], { name: text, count, bytes: count }),
  Objects: {
    type: "array",
    items: {
      anyOf: [
        {
          type: "object",
          required: ["name", "bytes", "hash", "content_type", "last_modified"],
          properties: {
            name: text,
            bytes: count,
            hash: text,
            content_type: text,
            last_modified: text,
          },
        },
        { type: "object", required: ["subdir"], properties: { subdir: text } },
      ],
    },
  },
  Info: {
    type: "object",
    required: ["swift", "slo"],
    additionalProperties: { type: "object" },
  },
  Jobs: {
    type: "object",
    required: ["jobs"],
    properties: { jobs: { type: "array", items: jobWith({ instances: count }) } },
  },
  Job: jobWith({
    instances: { type: "array", items: { type: "object" } },
    report: { type: "object" },
  }),
  State: {
    type: "object",
    required: ["state"],
    properties: { state: { enum: ["starting", "ready", "stopping"] } },
  },
};

/** Answers that any request can get. */
export const COMMON_ANSWERS: Readonly<Record<number, string>> = {
  400: "a header is malformed",
  405: "the path has no such method",
  408: "the client is slower than it may be",
  412: "a name is no UTF-8",
  414: "the path is too long",
  431: "the headers are too large",
  500: "the server failed",
  501: "a part of Swift that is not offered",
  503: "the server has enough to do",
  507: "the disk is full",
};
