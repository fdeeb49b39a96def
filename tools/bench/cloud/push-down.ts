import { readFileSync } from "node:fs";
import type { BenchFolder } from "../bench-folder.ts";
import type { Measurement } from "../measurement.ts";
import { atLeast, atMost, median } from "../statistics.ts";
import { type Endpoint, must } from "./endpoint.ts";
import { FILTER, filterInput } from "./filter-guest.ts";
import { jobOf } from "./jobs.ts";
import type { ShapedLink } from "./shaped-link.ts";
import { upload } from "./upload.ts";

const OBJECT_BYTES = 1e9;
const BARS = { bytes: 0.11, sooner: 5 } as const;

/**
 * A filter that keeps a tenth of a large object, over a link of 1 Gbit/s: beside the object, and
 * run by the client over what it downloads.
 */
export async function measurePushDown(
  place: BenchFolder,
  cloud: Endpoint,
  link: ShapedLink,
  rounds: number,
): Promise<Measurement[]> {
  await must(cloud, "PUT", "/push");
  await must(cloud, "PUT", "/push/filter.wasm", readFileSync(await place.guest("filter", FILTER)));
  await upload(cloud, "/push/lines", filterInput(OBJECT_BYTES), OBJECT_BYTES);
  const job = place.write(
    "job.json",
    jobOf("swift://~/push/filter.wasm", { stdin: "swift://~/push/lines" }),
  );
  const [near, far, kept] = [place.path("near"), place.path("far"), place.path("kept")];
  const curl = ["curl", "-sS", "--fail", "-H", `X-Auth-Token: ${cloud.token}`];
  const execute = ["-H", "X-Zerovm-Execute: 1.0", "-H", "Content-Type: application/json"];
  const post = [...curl, ...execute, "--data-binary", `@${job}`, "-o", near, cloud.storageUrl];
  const get = [...curl, "-o", far, `${cloud.storageUrl}/push/lines`];
  const filter = ["sh", "-c", `grep '^7' ${far} > ${kept}`];
  const [beside, moved, pushedBytes, movedBytes]: number[][] = [[], [], [], []];
  for (let round = 0; round <= rounds; round += 1) {
    const counted = (bytes: number[] | undefined, work: () => number): number => {
      const before = link.sentBytes();
      const ms = work();
      bytes?.push(link.sentBytes() - before);
      return ms;
    };
    const besideMs = counted(pushedBytes, () => link.run(post));
    const movedMs = counted(movedBytes, () => link.run(get) + link.run(filter));
    if (!readFileSync(near).equals(readFileSync(kept))) throw new Error("The filters disagree");
    if (round === 0) continue;
    beside?.push(besideMs);
    moved?.push(movedMs);
  }
  const part = median(pushedBytes ?? []) / median(movedBytes ?? []);
  return [
    {
      name: "filter that keeps a tenth of 1 GB",
      unit: "ms",
      note: "a client behind 1 Gbit/s; bytes counted on the link",
      candidates: [
        { name: "zerovm, beside the object", samples: beside ?? [] },
        { name: "download, then grep", samples: moved ?? [] },
      ],
      verdicts: [
        atMost("part of the bytes that moves", part, BARS.bytes),
        atLeast("times sooner", median(moved ?? []) / median(beside ?? []), BARS.sooner),
      ],
    },
  ];
}
