/** What callers of the library say of runtimes. */
import {
  CALLBACK,
  type Form,
  listOf,
  NAME,
  optional,
  recordOf,
  SIGNAL,
  TEXT,
  tableOf,
} from "../../base/index.ts";
import type { NewRuntime, RuntimeOptions } from "./options.ts";

const ENVIRONMENT: Form = tableOf((name) => name !== "", optional(TEXT), "names and texts");

/** Where to look for runtimes and how to fetch them. */
export const RUNTIME_OPTIONS: Form = recordOf<RuntimeOptions>({
  cwd: optional(NAME),
  ownFolder: optional(NAME),
  env: optional(ENVIRONMENT),
  onFetch: optional(CALLBACK),
  runNpm: optional(CALLBACK),
  signal: optional(SIGNAL),
});

/** A runtime that is to be added. */
export const NEW_RUNTIME: Form = recordOf<NewRuntime>(
  {
    name: TEXT,
    package: TEXT,
    file: TEXT,
    summary: optional(TEXT),
    args: optional(listOf(TEXT, "a list of texts")),
    env: optional(tableOf((name) => name !== "", TEXT, "names and texts")),
    images: optional(
      listOf(recordOf<{ file: string; mountpoint: string }>({ file: TEXT, mountpoint: TEXT })),
    ),
  },
  { expected: "an object that describes a runtime" },
);
