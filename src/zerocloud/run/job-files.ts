import type { Manifest } from "../../zerovm/manifest/index.ts";
import { pathOfItem, type StoredItem } from "../plan/index.ts";
import type { ItemStat, Storage } from "../storage/index.ts";
import type { ImageShelf } from "./image-shelf.ts";
import { JobImage, type JobImageLimits } from "./job-image.ts";
import { once } from "./once.ts";
import { OpenedItem, type ReadItem, readerOf } from "./opened-item.ts";
import type { KnownBytes, ProgramFile, ProgramShelf, TakenProgram } from "./program-shelf.ts";

/** Of an image where others wait: each of its sessions is told of all of them. */
const TENANT_MEMBERS_MAX = 100_000;

/** Where the files of a job come from. */
export interface FileSources {
  readonly storage: Storage;
  /** Opens what is read, where that is not for the storage to do. */
  readonly read?: ReadItem;
  readonly programs: ProgramShelf;
  readonly images: ImageShelf;
  /** Path of the tar image that came with the job. */
  readonly postedImage: string | undefined;
  readonly inputBytesMax: number;
  /** The end of the job, which waits for nothing to be unpacked. */
  readonly signal: AbortSignal | undefined;
  /** Whose turn it is where programs wait to be judged. */
  readonly account: string;
  /** Reads the headers of images in another thread. */
  readonly index?: JobImageLimits["index"];
}

/** All that one job has open. Each object is opened once, however many channels read it. */
export class JobFiles {
  readonly #sources: FileSources;
  readonly #items = new Map<string, Promise<OpenedItem>>();
  readonly #images = new Map<string, Promise<JobImage>>();
  readonly #programs: TakenProgram[] = [];

  constructor(sources: FileSources) {
    this.#sources = sources;
  }

  get storage(): Storage {
    return this.#sources.storage;
  }

  /** What a channel reads. @throws Refusal with the status and text that clients get */
  async input(item: StoredItem): Promise<OpenedItem> {
    const opened = await this.item(item);
    opened.judgeSize();
    return opened;
  }

  /** @throws Refusal with the status and text that clients get */
  async item(item: StoredItem): Promise<OpenedItem> {
    const path = pathOfItem(item);
    const { storage, inputBytesMax, read = readerOf(storage) } = this.#sources;
    return await once(this.#items, path, () => OpenedItem.open(read, item, inputBytesMax));
  }

  /** @throws ZvmError ZVM_FILE, ZVM_TAR */
  async systemImage(name: string): Promise<JobImage | undefined> {
    return await this.#sources.images.open(name);
  }

  /** @throws ZvmError ZVM_FILE, ZVM_TAR */
  async postedImage(): Promise<JobImage | undefined> {
    const { postedImage } = this.#sources;
    if (postedImage === undefined) return undefined;
    return await once(this.#images, "", () => this.#open(postedImage));
  }

  /** An object as an image. @throws Refusal, ZvmError ZVM_TAR */
  async imageOf(item: StoredItem): Promise<JobImage> {
    const opened = await this.item(item);
    return await once(this.#images, pathOfItem(item), async () => {
      return await this.#open(await opened.wholePath());
    });
  }

  /** An image of the sender is no larger than an object that a program reads, also unpacked. */
  async #open(path: string): Promise<JobImage> {
    const { inputBytesMax: imageBytes, signal, index } = this.#sources;
    const bounds = index === undefined ? {} : { index, membersMax: TENANT_MEMBERS_MAX };
    const ending = signal === undefined ? {} : { signal };
    return await JobImage.open(path, { imageBytes, ...bounds, ...ending });
  }

  /**
   * An object as a program. The right to read it is asked for, whether or not it has to be opened.
   * @throws Refusal with the status and text that clients get
   */
  async programOf(item: StoredItem, url: string): Promise<ProgramFile> {
    return {
      url,
      ...knownBytes(await OpenedItem.stat(this.#sources.storage, item)),
      open: async () => {
        const { stat, pieces } = await this.item(item);
        return { pieces, ...knownBytes(stat) };
      },
    };
  }

  async program(file: ProgramFile, manifest: Omit<Manifest, "program">): Promise<TakenProgram> {
    const { programs, account, signal } = this.#sources;
    const taker = { account, use: "run", ...(signal !== undefined && { signal }) } as const;
    const taken = await programs.take(file, manifest, taker);
    this.#programs.push(taken);
    return taken;
  }

  /** Closes all of it, when no session needs it any more. */
  async close(): Promise<void> {
    for (const program of this.#programs.splice(0)) program.release();
    for (const image of await settled(this.#images)) image.close();
    for (const item of await settled(this.#items)) await item.close();
  }
}

function knownBytes({ sha256, validRules }: ItemStat): KnownBytes {
  return {
    ...(sha256 !== undefined && { sha256 }),
    ...(validRules !== undefined && { validRules }),
  };
}

async function settled<Made>(made: Map<string, Promise<Made>>): Promise<Made[]> {
  const all = await Promise.allSettled(made.values());
  made.clear();
  return all.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
}
