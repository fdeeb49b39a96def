import { truncate } from "node:fs/promises";
import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { runNode, ZEROVM } from "../../../test/support/command-line.ts";
import { inContainer, putText } from "../../../test/support/fresh-store.ts";
import { storeForEachTest } from "../../../test/support/store-for-each-test.ts";

const fresh = storeForEachTest({
  fill: async (store) => {
    await putText(store, "good", "hello");
    await putText(store, "bad", "hello");
  },
});

async function zerovm(...args: string[]) {
  return await runNode([ZEROVM, "store", ...args], { cwd: fresh.folder });
}

describe("zerovm store check", () => {
  it("finds nothing wrong with a store as it was written", async () => {
    await fresh.store.close();
    const run = await zerovm("check", "--data", ".");
    expect(run.stdout).toBe("1 account, 1 container, 2 objects, 10 bytes\nNothing is damaged.\n");
    expect(run).toMatchObject({ status: 0, stderr: "" });
  });

  it("names damaged objects, as text and as JSON", async () => {
    const path = await fresh.store.objects.locate(inContainer("bad"));
    await fresh.store.close();
    await truncate(path, 1);
    const problem = `its file ${basename(path)} has 1 bytes, not 5`;
    const text = await zerovm("check", "--data", ".");
    expect(text.stdout).toBe(
      `a/c/bad: ${problem}\n1 account, 1 container, 2 objects, 10 bytes\n1 finding.\n`,
    );
    expect(text.status).toBe(1);
    const json = await zerovm("check", "--data", ".", "--json");
    expect(json.status).toBe(1);
    expect(JSON.parse(json.stdout)).toEqual({
      accounts: 1,
      containers: 1,
      objects: 2,
      sizeBytes: 10,
      leftovers: 0,
      findings: [{ path: "a/c/bad", problem }],
    });
  });

  it("is refused while another process has the store open", async () => {
    const run = await zerovm("check", "--data", ".");
    await fresh.store.close();
    expect(run.status).toBe(125);
    expect(run.stderr).toContain("Another process has the store");
  });

  it("says what it needs", async () => {
    await fresh.store.close();
    for (const args of [[], ["check"], ["mend", "--data", "."], ["check", "more", "--data", "."]]) {
      const run = await zerovm(...args);
      expect(run.status).toBe(125);
      expect(run.stderr).toMatch(/zerovm store/);
    }
    const other = await zerovm("check", "--data", "contents");
    expect(other.stderr).toContain("is no store");
  });
});
