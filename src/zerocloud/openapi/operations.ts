/** A call of the HTTP interface, as the tables of this folder tell of it. */
export interface Operation {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE" | "COPY" | "OPTIONS";
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  /** Answers that are of this call; those that any request can get are told once for all. */
  readonly answers: Readonly<Record<number, string>>;
  /** Types of the body of a 200. */
  readonly types?: readonly string[];
  /** Schema of a 200 with JSON, by its name in the components. */
  readonly schema?: string;
  /** Parameters besides those of the path, by their names in the components. */
  readonly parameters?: readonly string[];
  /** What is sent: types of the body. */
  readonly sends?: readonly string[];
  /** Needs no token. */
  readonly isOpen?: true;
}

const DENIED = {
  401: "Without a valid token, and no list of access lets everybody in",
  403: "Whoever asks has no right to it",
};

const MISSING = { 404: "It is not there" };

const ACCOUNT = "/v1/{account}";
const CONTAINER = "/v1/{account}/{container}";
const OBJECT = "/v1/{account}/{container}/{object}";

const LISTS = ["text/plain", "application/json", "application/xml"];
const LISTING = ["format", "prefix", "delimiter", "marker", "end_marker", "reverse", "limit"];
const LISTED = {
  204: "A plain listing without names",
  406: "None of the accepted types is one of a listing",
  412: "The limit is above that of the server, or a name is no UTF-8",
};
const CONDITIONS = ["If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"];

/** A POST is one of the object API, or brings a job. */
const RUN = {
  types: ["*/*"],
  parameters: ["X-Zerovm-Execute", "X-Zerovm-Source", "X-Zerovm-Deferred", "report"],
  sends: ["application/json", "application/x-tar", "application/x-gzip", "text/x-script"],
} as const;
const RAN =
  "With X-Zerovm-Execute: what the programs of the job answer; they may set another status";

const ACCOUNTS: readonly Operation[] = [
  {
    method: "GET",
    path: ACCOUNT,
    tag: "accounts",
    summary: "Lists the containers of an account",
    answers: { 200: "Names, or entries with counts and bytes", ...LISTED, ...DENIED },
    types: LISTS,
    schema: "Containers",
    parameters: LISTING,
  },
  {
    method: "HEAD",
    path: ACCOUNT,
    tag: "accounts",
    summary: "Tells counts and metadata of an account",
    answers: { 204: "In headers X-Account-…", ...DENIED },
  },
  {
    method: "POST",
    path: ACCOUNT,
    tag: "accounts",
    summary: "Changes items of its metadata, X-Account-Meta-NAME; or runs a job",
    answers: {
      200: RAN,
      204: "They are as they were asked for",
      400: "Too much metadata, or a job with errors",
      ...DENIED,
    },
    ...RUN,
  },
  {
    method: "PUT",
    path: ACCOUNT,
    tag: "accounts",
    summary: "Makes an account; for operators",
    answers: { 201: "It was made", 202: "It was there", ...DENIED },
  },
  {
    method: "DELETE",
    path: ACCOUNT,
    tag: "accounts",
    summary: "Removes an account without containers; for operators",
    answers: { 204: "It is gone", 409: "It has containers", ...DENIED, ...MISSING },
  },
];

const CONTAINERS: readonly Operation[] = [
  {
    method: "GET",
    path: CONTAINER,
    tag: "containers",
    summary: "Lists the objects of a container",
    answers: { 200: "Names, or entries with sizes and digests", ...LISTED, ...DENIED, ...MISSING },
    types: LISTS,
    schema: "Objects",
    parameters: [...LISTING, "path"],
  },
  {
    method: "HEAD",
    path: CONTAINER,
    tag: "containers",
    summary: "Tells counts and metadata of a container",
    answers: { 204: "In headers X-Container-…", ...DENIED, ...MISSING },
  },
  {
    method: "PUT",
    path: CONTAINER,
    tag: "containers",
    summary: "Makes a container, and sets its metadata and lists of access",
    answers: {
      201: "It was made",
      202: "It was there",
      400: "A list or a name is wrong",
      ...DENIED,
    },
    parameters: ["X-Container-Read", "X-Container-Write"],
  },
  {
    method: "POST",
    path: CONTAINER,
    tag: "containers",
    summary: "Changes items of its metadata and its lists of access; or runs a job",
    answers: {
      200: RAN,
      204: "They are as they were asked for",
      400: "A list is wrong, or a job with errors",
      ...DENIED,
      ...MISSING,
    },
    ...RUN,
    parameters: ["X-Container-Read", "X-Container-Write", ...RUN.parameters],
  },
  {
    method: "DELETE",
    path: CONTAINER,
    tag: "containers",
    summary: "Removes a container without objects",
    answers: { 204: "It is gone", 409: "It holds objects", ...DENIED, ...MISSING },
  },
];

const OBJECTS: readonly Operation[] = [
  {
    method: "GET",
    path: OBJECT,
    tag: "objects",
    summary: "Reads an object",
    answers: {
      200: "Its bytes",
      206: "The parts that Range names",
      304: "It is as If-None-Match or If-Modified-Since say",
      409: "A segment of a large object was changed since, or may not be read",
      412: "It is not as If-Match or If-Unmodified-Since want it",
      416: "It has nothing of the range",
      ...DENIED,
      ...MISSING,
    },
    types: ["application/octet-stream"],
    parameters: ["Range", "If-Range", ...CONDITIONS, "multipart-manifest", "X-Zerovm-Valid"],
  },
  {
    method: "HEAD",
    path: OBJECT,
    tag: "objects",
    summary: "Tells size, type, digest and metadata of an object",
    answers: {
      200: "In headers",
      304: "It is as If-None-Match or If-Modified-Since say",
      412: "It is not as If-Match or If-Unmodified-Since want it",
      ...DENIED,
      ...MISSING,
    },
    parameters: [...CONDITIONS, "X-Zerovm-Valid"],
  },
  {
    method: "PUT",
    path: OBJECT,
    tag: "objects",
    summary: "Stores an object, its bytes or a manifest of segments, or a copy",
    answers: {
      201: "It is stored, and ETag tells its digest",
      400: "A header, or the manifest, is wrong",
      411: "Neither a length nor chunks are announced",
      412: "If-None-Match: * and there is one",
      413: "It is larger than an object may be",
      422: "The digest is not that of ETag",
      ...DENIED,
      404: "There is no such container, or nothing to copy",
    },
    parameters: [
      ...["multipart-manifest", "ETag", "If-None-Match", "X-Copy-From", "X-Delete-At"],
      ...["X-Delete-After", "X-Zerovm-Validate"],
    ],
    sends: ["application/octet-stream"],
  },
  {
    method: "COPY",
    path: OBJECT,
    tag: "objects",
    summary: "Copies an object to Destination",
    answers: { 201: "It is copied", 412: "Destination names no object", ...DENIED, ...MISSING },
    parameters: ["Destination", "X-Fresh-Metadata", "X-Zerovm-Validate"],
  },
  {
    method: "POST",
    path: OBJECT,
    tag: "objects",
    summary: "Replaces its metadata, X-Object-Meta-NAME; or runs a job",
    answers: {
      200: RAN,
      202: "It is as it was asked for",
      400: "Too much metadata, or a job with errors",
      ...DENIED,
      ...MISSING,
    },
    ...RUN,
    parameters: ["X-Delete-At", "X-Delete-After", "X-Zerovm-Validate", ...RUN.parameters],
  },
  {
    method: "DELETE",
    path: OBJECT,
    tag: "objects",
    summary: "Removes an object; with multipart-manifest=delete its segments as well",
    answers: {
      200: "A report of what was removed with a manifest",
      204: "It is gone",
      400: "X-If-Delete-At is no time",
      412: "It does not go at X-If-Delete-At",
      ...DENIED,
      ...MISSING,
    },
    types: ["text/plain", "application/json"],
    parameters: ["multipart-manifest", "X-If-Delete-At"],
  },
];

const OPTIONS: readonly Operation[] = [ACCOUNT, CONTAINER, OBJECT].map((path, at) => ({
  method: "OPTIONS",
  path,
  tag: ["accounts", "containers", "objects"][at] ?? "",
  summary: "Tells which methods there are, and what pages of an origin may do",
  answers: { 200: "In Allow and Access-Control-…", 401: "The origin may do nothing here" },
  parameters: ["Origin", "Access-Control-Request-Method"],
  isOpen: true,
}));

/** The calls of the object API. */
export const STORE_OPERATIONS: readonly Operation[] = [
  ...ACCOUNTS,
  ...CONTAINERS,
  ...OBJECTS,
  ...OPTIONS,
];
