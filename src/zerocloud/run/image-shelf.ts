import { JobImage } from "./job-image.ts";

/** System images by name, each opened when it is first asked for and kept. */
export class ImageShelf {
  readonly #paths: ReadonlyMap<string, string>;
  readonly #images = new Map<string, Promise<JobImage>>();

  /** @param paths of tar archives, which may be compressed with gzip, by their names in jobs */
  constructor(paths: ReadonlyMap<string, string>) {
    this.#paths = paths;
  }

  get names(): readonly string[] {
    return [...this.#paths.keys()];
  }

  /**
   * @returns undefined where there is none of that name
   * @throws ZvmError ZVM_FILE, ZVM_TAR
   */
  async open(name: string): Promise<JobImage | undefined> {
    const path = this.#paths.get(name);
    if (path === undefined) return undefined;
    const known = this.#images.get(name);
    if (known !== undefined) return await known;
    const opening = JobImage.open(path);
    this.#images.set(name, opening);
    // What failed is tried again by whoever asks next.
    opening.catch(() => this.#images.delete(name));
    return await opening;
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.#images.values());
    this.#images.clear();
    for (const image of opened) if (image.status === "fulfilled") image.value.close();
  }
}
