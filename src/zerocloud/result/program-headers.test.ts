import { expect, test } from "vitest";
import { isProgramHeader } from "./program-headers.ts";

test.each([
  ["of the connection", ["Transfer-Encoding", "Connection", "Upgrade", "Trailer"]],
  ["of the server", ["X-Auth-Token", "X-Storage-Url", "X-Trans-Id", "Etag", "X-Nexe-Status"]],
  ["that say what it found of a program", ["X-Zerovm-Valid", "X-Zerovm-Validation"]],
  [
    "of all its tenants",
    ["Strict-Transport-Security", "Clear-Site-Data", "Service-Worker-Allowed"],
  ],
  ["that are none", ["", "A B", "A:", "\u00e4", "A\r\nB"]],
])("headers %s do not go on to the client", (_, names) => {
  expect(names.filter(isProgramHeader)).toEqual([]);
});

test("others do, whatever they are called", () => {
  const names = ["X-Own", "Set-Cookie", "Location", "__proto__", "constructor"];
  expect(names.filter(isProgramHeader)).toEqual(names);
});
