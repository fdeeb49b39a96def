import { basename } from "node:path";
import { printable, textOf, ZvmError } from "../../base/index.ts";
import { type OpenedBundle, openBundle } from "../../zerocloud/bundle/index.ts";
import { endpointHeaders, type UploadSource } from "../../zerocloud/client/index.ts";
import { deployedJob } from "../../zerocloud/zapp/index.ts";
import { CLOUD_NOTES, CLOUD_OPTIONS, type CloudWork, shownAddress, withCloud } from "../cloud.ts";
import { ownAddress } from "../cloud-address.ts";
import { type Command, complain, JSON_OPTION, print } from "../command.ts";
import { type FileState, fileState } from "../file-source.ts";
import type { ParsedOptions } from "../options.ts";
import { ProgressLine } from "../progress.ts";

/** `zerovm deploy`. */
export const DEPLOY: Command = {
  name: "deploy",
  usage: ["[--force] [--rest CONTAINER] [--public] CONTAINER[/PREFIX] FILE.zapp"],
  description:
    "Stores a bundle, its job with the bundle as the image, and the files that its zapp.yaml names in\n" +
    "ui. A bundle with rest: true becomes the endpoint of its container. Where the container holds\n" +
    "objects already it wants --force. Nothing that signs in is stored.",
  options: [
    { name: "force", short: "f", help: "Also into a container that holds objects" },
    { name: "rest", value: "CONTAINER", help: "Answer the requests of this container" },
    { name: "public", help: "Let everybody run it, at the cost of the account" },
    ...CLOUD_OPTIONS,
    JSON_OPTION,
  ],
  examples: [
    { line: "zerovm deploy apps hello.zapp", does: "then zerovm execute --container apps" },
    { line: "zerovm deploy --public shop shop.zapp", does: "an endpoint for everybody" },
  ],
  notes: CLOUD_NOTES,
  run: async (parsed) => {
    if (parsed.operands.length !== 2) {
      throw new ZvmError("ZVM_USAGE", "zerovm deploy: name CONTAINER[/PREFIX] and FILE.zapp");
    }
    const path = parsed.operands[1] ?? "";
    const state = fileState(path);
    const bundle = await openBundle(path);
    try {
      const undone = "the bundle may be stored in part";
      return await withCloud(parsed, undone, (cloud) => deploy(cloud, { bundle, state }, parsed));
    } finally {
      bundle.close();
    }
  },
};

/** A bundle, and the state of its file from before it was opened. */
interface Deployed {
  readonly bundle: OpenedBundle;
  readonly state: FileState;
}

async function deploy(cloud: CloudWork, deployed: Deployed, parsed: ParsedOptions) {
  const { bundle } = deployed;
  const { client, signal } = cloud;
  const { container, object } = await ownAddress(client, parsed.operands[0] ?? "");
  const prefix = object.replace(/\/+$/, "");
  const below = (name: string): string => (prefix === "" ? name : `${prefix}/${name}`);
  await client.createContainer(container, { signal });
  const isEmpty = (await client.stat(container, "", { signal })).objects === 0;
  if (!isEmpty && !parsed.has("force")) {
    const message = `The container ${shownAddress(container)} holds objects already; --force takes it`;
    throw new ZvmError("ZVM_USAGE", message);
  }
  const name = below(basename(parsed.operands[1] ?? ""));
  const url = `swift://${await client.account({ signal })}/${container}/${name}`;
  const job = Buffer.from(deployedJob(bundle.jobText, url));
  const stored: string[] = [];
  const put = async (to: string, body: UploadSource | Uint8Array, type?: string): Promise<void> => {
    const typed = type === undefined ? {} : { contentType: type };
    const line = new ProgressLine(`Sending ${shownAddress(container, to)}`);
    const total = body instanceof Uint8Array ? body.length : body.sizeBytes;
    const onProgress = (sent: number): void => line.update(sent, total, `${sent} bytes`);
    try {
      await client.put(container, to, body, { signal, onProgress, ...typed });
    } finally {
      line.end();
    }
    stored.push(to);
  };
  await put(name, imageSource(deployed), "application/x-tar");
  await put(below("boot/system.map"), job, "application/json");
  for (const member of bundle.published) {
    const { dataOffset, sizeBytes } = member;
    await put(below(textOf(member.path)), imageSource(deployed, dataOffset, sizeBytes));
  }
  const endpoint = parsed.last("rest") ?? (bundle.zapp?.isRest === true ? container : undefined);
  if (endpoint !== undefined) await setEndpoint(cloud, endpoint, url, parsed.has("public"));
  else if (parsed.has("public")) complain("zerovm: warning: --public is for endpoints; see --rest");
  return tell(parsed, container, stored, endpoint);
}

async function setEndpoint({ client, signal }: CloudWork, name: string, url: string, all: boolean) {
  const headers = endpointHeaders(url, all);
  await client.createContainer(name, { signal });
  await client.postContainer(name, { headers, signal });
}

function tell(
  parsed: ParsedOptions,
  container: string,
  stored: readonly string[],
  endpoint: string | undefined,
): number {
  if (parsed.has("json")) {
    print(JSON.stringify({ container, objects: stored, endpoint: endpoint ?? null }, null, 2));
    return 0;
  }
  for (const name of stored) print(`stored ${shownAddress(container, name)}`);
  if (endpoint !== undefined) print(`answers the requests of ${printable(endpoint)}`);
  return 0;
}

/** The plain archive, or a part of it. */
function imageSource({ bundle, state }: Deployed, start = 0, size?: number): UploadSource {
  const { image } = bundle;
  const { version, judgeUnchanged } = state;
  return {
    sizeBytes: size ?? image.sizeBytes,
    version,
    // What was unpacked to be sent is ours alone.
    ...(!image.compressed && { judgeUnchanged }),
    async *read(from, length) {
      for (let at = from; at < from + length; at += PIECE_BYTES) {
        const piece = new Uint8Array(Math.min(PIECE_BYTES, from + length - at));
        yield piece.subarray(0, image.source.read(start + at, piece));
      }
    },
  };
}

const PIECE_BYTES = 256 * 1024;
