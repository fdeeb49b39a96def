import { expect, test } from "vitest";
import { failureWords } from "./failure-words.ts";

test.each([
  ["retcode=Timed out,  zerovm_stdout=session timeout", "its time was over"],
  [
    "retcode=Timed out,  zerovm_stdout=session timeout; it waited for /dev/in/a",
    "its time was over; it waited for /dev/in/a",
  ],
  ["retcode=Killed,  zerovm_stdout=session interrupted", "interrupted"],
  ["retcode=Error,  zerovm_stdout=The cell ended by SIGKILL", "The cell ended by SIGKILL"],
  ["retcode=Output too long,  zerovm_stdout=report is too long", "report is too long"],
])("%s", (text, words) => {
  expect(failureWords(`ERROR OBJ.QUERY ${text}`)).toBe(words);
});

test("what else is said stays", () => {
  expect(failureWords("bad return code")).toBe("bad return code");
});
