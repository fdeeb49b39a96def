import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cacheFolder, configFolder } from "./host-folders.ts";

type Case = readonly [env: Readonly<Record<string, string>>, folder: string | undefined];

const CACHES: readonly Case[] = [
  [{ ZEROVM_CACHE: "/own", XDG_CACHE_HOME: "/xdg", HOME: "/people/ann" }, "/own"],
  [{ ZEROVM_CACHE: "relative", HOME: "/people/ann" }, undefined],
  [{ ZEROVM_CACHE: "", XDG_CACHE_HOME: "/xdg", HOME: "/people/ann" }, "/xdg/zerovm"],
  [{ XDG_CACHE_HOME: "relative", HOME: "/people/ann" }, "/people/ann/.cache/zerovm"],
  [{ HOME: "/people/ann" }, "/people/ann/.cache/zerovm"],
];
test.each(CACHES)("the cache of %o is %s", (env, folder) => {
  expect(cacheFolder(env)).toBe(folder);
});

test("settings are in XDG_CONFIG_HOME or ~/.config", () => {
  expect(configFolder({ XDG_CONFIG_HOME: "/xdg" })).toBe("/xdg/zerovm");
  expect(configFolder({ HOME: "/people/ann" })).toBe("/people/ann/.config/zerovm");
  expect(configFolder({})).toBe(join(homedir(), ".config", "zerovm"));
});
