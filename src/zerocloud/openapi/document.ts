import { APP_OPERATIONS } from "./app-operations.ts";
import { COMMON_ANSWERS, PARAMETERS, SCHEMAS } from "./components.ts";
import { type Operation, STORE_OPERATIONS } from "./operations.ts";
import { JOB_OPERATIONS, SERVICE_OPERATIONS } from "./service-operations.ts";

type Json = Readonly<Record<string, unknown>>;

/** Methods that OpenAPI 3.1 has no place for. */
const UNKNOWN_METHODS: readonly string[] = ["COPY"];

export const OPERATIONS: readonly Operation[] = [
  ...SERVICE_OPERATIONS,
  ...STORE_OPERATIONS,
  ...JOB_OPERATIONS,
  ...APP_OPERATIONS,
];

/** The description of the HTTP interface in the form of OpenAPI 3.1. */
export function openApiDocument(): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of OPERATIONS) {
    const { method, path } = operation;
    paths[path] ??= pathOf(path);
    const isKnown = !UNKNOWN_METHODS.includes(method);
    paths[path][isKnown ? method.toLowerCase() : `x-${method.toLowerCase()}`] =
      operationOf(operation);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "ZeroCloud",
      version: "1.0.0",
      description:
        "The object-store API of OpenStack Swift, sign-in, jobs, apps and state of a server of ZeroCloud.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    security: [{ token: [] }],
    tags: ["service", "accounts", "containers", "objects", "jobs", "apps"].map((name) => ({
      name,
    })),
    paths,
    components: {
      parameters: PARAMETERS,
      schemas: SCHEMAS,
      responses: { Refusal: refusal() },
      securitySchemes: { token: { type: "apiKey", in: "header", name: "X-Auth-Token" } },
    },
  };
}

function pathOf(path: string): Record<string, unknown> {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");
  return names.length === 0 ? {} : { parameters: names.map(parameterOf) };
}

function parameterOf(name: string): Json {
  return { $ref: `#/components/parameters/${name}` };
}

function operationOf(operation: Operation): Json {
  const { method, path, tag, summary, parameters = [], sends, isOpen } = operation;
  const answers = Object.entries(operation.answers).map(([status, description]) => [
    status,
    status === "200" ? { description, ...contentOf(operation) } : { description },
  ]);
  return {
    operationId:
      `${method.toLowerCase()}${path.replace(/\W+(\w)/g, (_, c: string) => c.toUpperCase())}`.replace(
        /\W+/g,
        "",
      ),
    tags: [tag],
    summary,
    ...(isOpen === true && { security: [] }),
    ...(parameters.length > 0 && { parameters: parameters.map(parameterOf) }),
    ...(sends !== undefined && { requestBody: { content: bodies(sends) } }),
    responses: {
      ...Object.fromEntries(answers),
      default: { $ref: "#/components/responses/Refusal" },
    },
  };
}

function contentOf({ types, schema }: Operation): Json {
  if (types === undefined) return {};
  const content: Record<string, unknown> = bodies(types);
  if (schema !== undefined) {
    content["application/json"] = { schema: { $ref: `#/components/schemas/${schema}` } };
  }
  return { content };
}

function bodies(types: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(types.map((type) => [type, {}]));
}

function refusal(): Json {
  const list = Object.entries(COMMON_ANSWERS).map(([status, when]) => `${status} ${when}`);
  return {
    description: `What any request may be answered with: ${list.join("; ")}`,
    headers: { "X-Trans-Id": { schema: { type: "string" } } },
    content: { "text/plain": { schema: { type: "string" } } },
  };
}
