import type { Operation } from "./operations.ts";

const METHODS = ["GET", "HEAD", "PUT", "POST", "DELETE"] as const;

/** Methods whose body an app is given. */
const WITH_BODY: readonly string[] = ["PUT", "POST"];

const RAN = "What the app answers; its program may set another status";
const ANSWERS = {
  200: RAN,
  400: "The job of the app has errors",
  401: "Without a valid token, and the container lets nobody in through the app",
  403: "Whoever asks may neither run jobs in the account nor get in through the app",
  422: "The archive that the app is in is damaged",
};

interface AppPath {
  readonly path: string;
  readonly summary: string;
  readonly missing: string;
  /** What GET does with what is no app; the other methods answer 501. */
  readonly opens?: true;
}

const PATHS: readonly AppPath[] = [
  {
    path: "/open/{account}/{container}/{object}",
    summary: "Runs the app that the object is",
    missing: "There is no such object, or nothing that opens one of its type",
    opens: true,
  },
  {
    path: "/api/{account}/{container}",
    summary: "Runs the app that the container names",
    missing: "The container, or X-Container-Meta-Rest-Endpoint of it, or the app is not there",
  },
  {
    path: "/api/{account}/{container}/{rest}",
    summary: "Runs the app that the container names, which is told the rest of the path",
    missing: "The container, its endpoint, the app, or what is to be opened is not there",
    opens: true,
  },
];

function runsApp({ path, summary, missing, opens }: AppPath): readonly Operation[] {
  return METHODS.map((method) => {
    const isOpening = opens === true && method === "GET";
    const otherwise = isOpening ? {} : { 501: "It is no app" };
    return {
      method,
      path,
      tag: "apps",
      summary: isOpening ? `${summary}, or opens what is no app by its type` : summary,
      answers: { ...ANSWERS, 404: missing, ...otherwise },
      types: ["*/*"],
      parameters: ["X-Zerovm-Timeout", "report"],
      ...(WITH_BODY.includes(method) && { sends: ["*/*"] }),
    };
  });
}

function preflight({ path }: AppPath): Operation {
  return {
    method: "OPTIONS",
    path,
    tag: "apps",
    summary: "Tells what pages of an origin may do",
    answers: { 200: "In Allow and Access-Control-…", 401: "The origin may do nothing here" },
    parameters: ["Origin", "Access-Control-Request-Method"],
    isOpen: true,
  };
}

/** The calls that run an app: any method, at the addresses that apps have. */
export const APP_OPERATIONS: readonly Operation[] = [
  ...PATHS.flatMap(runsApp),
  ...PATHS.map(preflight),
];
