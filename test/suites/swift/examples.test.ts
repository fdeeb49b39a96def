/** The examples that are jobs, on a cluster with three storage nodes. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type SwiftCluster, startCluster } from "../../../tools/swift/index.ts";
import {
  contentsLeft,
  jobExampleNames,
  jobIn,
  prepareJob,
  sendJob,
} from "../../support/job-example.ts";
import { temporaryFolders } from "../../support/temporary-folder.ts";
import { ClusterClient } from "./cluster-client.ts";
import { makeImages, type SystemImages } from "./twins/images.ts";

const newFolder = temporaryFolders();

/** A worker may get all nodes of a job. */
const SESSIONS = 8;

let images: SystemImages;
let cluster: SwiftCluster;
beforeAll(async () => {
  images = makeImages();
  const config = `${images.config}jobs:\n  timeoutSeconds: 60\n`;
  cluster = await startCluster({ config, sessions: SESSIONS });
});
afterAll(async () => {
  await cluster?.stop();
  images?.remove();
});

describe.each(jobExampleNames())("the job of the example %s", (name) => {
  test("gives the same answer in Swift", async () => {
    const example = jobIn(name, await prepareJob(name, newFolder()));
    const tester = new ClusterClient(cluster);
    const door = { storageUrl: tester.storageUrl, token: await tester.token() };
    expect(await sendJob(door, example)).toEqual({ status: 200, text: example.answer });
    expect(await contentsLeft(door, example)).toBe(example.leaves.contents);
  });
});
