/**
 * The same requests to `zerovm serve` and to a cluster of OpenStack Swift with three storage nodes:
 * status, headers and body have to be the same. What may differ is in `twins/may-differ.ts`.
 *
 * `ZEROVM_TWIN=FOLDER` takes a cluster that is up, with the images of `twins/images.ts`
 * (`npm run swift:up -- --config FILE`).
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { APP_CASES } from "./twins/app-cases.ts";
import { CLIENT_CASES } from "./twins/client-cases.ts";
import { CONNECTED_CASES } from "./twins/connected-cases.ts";
import { DIFFERENCES } from "./twins/differences.ts";
import { EXAMPLE_CASES } from "./twins/example-cases.ts";
import { makeImages, type SystemImages } from "./twins/images.ts";
import { INPUT_CASES } from "./twins/input-cases.ts";
import { grownIn, openIn, someJobs } from "./twins/left-open.ts";
import { LIFE_CASES } from "./twins/life-cases.ts";
import { OUTPUT_CASES } from "./twins/output-cases.ts";
import { REFUSAL_CASES } from "./twins/refusal-cases.ts";
import { RIGHT_CASES } from "./twins/right-cases.ts";
import { RUN_CASES } from "./twins/run-cases.ts";
import { Twins } from "./twins/twins.ts";
import { WILDCARD_CASES } from "./twins/wildcard-cases.ts";

/** Each of six jobs. */
const ROUNDS = 9;
const WARMING_ROUNDS = 3;

let images: SystemImages | undefined;
let twins: Twins;

beforeAll(async () => {
  const standing = process.env["ZEROVM_TWIN"];
  images = standing === undefined ? makeImages() : undefined;
  const config = images?.config ?? readFileSync(`${standing}/zerovm.yaml`, "utf8");
  twins = await Twins.start(config, standing);
});
afterAll(async () => {
  await twins?.stop();
  images?.remove();
});

const MATTERS = {
  outputs: OUTPUT_CASES,
  inputs: INPUT_CASES,
  wildcards: WILDCARD_CASES,
  refusals: REFUSAL_CASES,
  rights: RIGHT_CASES,
  apps: APP_CASES,
  "programs over an object": RUN_CASES,
  "lives of jobs": LIFE_CASES,
  "connected nodes": CONNECTED_CASES,
  examples: EXAMPLE_CASES,
  "curl and python-swiftclient": CLIENT_CASES,
};

describe.each(Object.entries(MATTERS))("%s", (_, cases) => {
  test.each(cases)("$name", async (one) => await twins.compare(one));
});

test("jobs leave nothing open in the processes of the cluster", async () => {
  const [, cluster] = twins.sides();
  await someJobs(cluster, WARMING_ROUNDS);
  const before = openIn(twins.folder);
  await someJobs(cluster, ROUNDS);
  await expect.poll(() => grownIn(twins.folder, before), { timeout: 30_000 }).toEqual([]);
});

describe("what is different", () => {
  test.each(DIFFERENCES)("$what: $why", async ({ ask, embedded, swift }) => {
    const [first, second] = await Promise.all(twins.sides().map(ask));
    expect({ embedded: first, swift: second }).toEqual({ embedded, swift });
  });
});
