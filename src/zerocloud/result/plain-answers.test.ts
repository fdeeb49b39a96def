import { describe, expect, it } from "vitest";
import { ZvmError } from "../../base/index.ts";
import {
  type Answer,
  answerOfError,
  answerOfRefusal,
  deferredAnswer,
  deferredHeaders,
  isRefusal,
  nextOfChain,
  readAnswer,
  refuse,
  STANDARD_CHAIN_LIMITS,
} from "./index.ts";

async function textOfAnswer(answer: Answer): Promise<string> {
  let text = "";
  for await (const piece of readAnswer(answer)) text += new TextDecoder().decode(piece);
  return text;
}

describe("answers without a job", () => {
  it("give the text of a refusal", async () => {
    const answer = answerOfRefusal(refuse(412, "Bad URL"), "tx1", [["Allow", "POST"]]);
    expect(answer.status).toBe(412);
    expect(answer.headers).toEqual([
      ["Content-Type", "text/plain; charset=utf-8"],
      ["Content-Length", "8"],
      ["X-Trans-Id", "tx1"],
      ["Allow", "POST"],
    ]);
    expect(await textOfAnswer(answer)).toBe("Bad URL\n");
  });

  it("give the status and message of an error of the table", async () => {
    const answer = answerOfError(new ZvmError("ZVM_STORE_NOT_FOUND", "There is no /a/c"), "tx1");
    expect(answer.status).toBe(404);
    expect(await textOfAnswer(answer)).toBe("There is no /a/c\n");
  });

  it.each([
    new Error("secret: /var/lib/x"),
    new ZvmError("ZVM_STORE_FAILED", "secret: /var/lib/x"),
    "secret",
    undefined,
  ])("tell nothing of our own failures (%#)", async (error) => {
    const answer = answerOfError(error, "tx9");
    expect(answer.status).toBe(500);
    const text = await textOfAnswer(answer);
    expect(text).toContain("tx9");
    expect(text).not.toContain("secret");
  });

  it("give a refusal that was thrown as it is", () => {
    expect(answerOfError(refuse(418, "no"), "tx1").status).toBe(418);
  });

  it("say where a deferred result will be", async () => {
    const answer = deferredAnswer("swift://a/.zvm/job-1", "tx1");
    expect(answer.status).toBe(200);
    expect(await textOfAnswer(answer)).toBe("swift://a/.zvm/job-1");
  });

  it("keep the headers of a deferred result as JSON, all values of each", () => {
    const answer: Answer = {
      status: 201,
      headers: [
        ["Content-Type", "image/png"],
        ["Set-Cookie", "a"],
        ["set-cookie", "b"],
      ],
      body: [],
    };
    const text = deferredHeaders({ ...answer, headers: [...answer.headers, ["__proto__", "x"]] });
    expect(text).toContain('"__proto__": "x"');
    expect(JSON.parse(deferredHeaders(answer))).toEqual({
      status: 201,
      headers: { "content-type": "image/png", "set-cookie": ["a", "b"] },
    });
  });
});

describe("isRefusal", () => {
  it.each([undefined, null, 1, "refusal", {}, { kind: "job" }])("is not %j", (value) => {
    expect(isRefusal(value)).toBe(false);
  });
});

const CHAINED: Answer = {
  status: 404,
  headers: [
    ["X-Zerovm-Execute", "1.0"],
    ["Content-Type", "application/json"],
  ],
  body: [new Uint8Array(10)],
};

describe("nextOfChain", () => {
  it("is the next job, whatever the status", () => {
    expect(nextOfChain(CHAINED, 19.999)).toBe("job");
  });

  it.each([
    ["the time is over", CHAINED, 20],
    ["nothing is asked", { ...CHAINED, headers: CHAINED.headers.slice(1) }, 0],
    [
      "the value is empty",
      {
        ...CHAINED,
        headers: [
          ["X-Zerovm-Execute", ""],
          ["Content-Type", "application/json"],
        ],
      },
      0,
    ],
    [
      "the type has parameters",
      {
        ...CHAINED,
        headers: [
          ["X-Zerovm-Execute", "1"],
          ["Content-Type", "application/json; charset=utf-8"],
        ],
      },
      0,
    ],
    ["it is too long", { ...CHAINED, body: [new Uint8Array(65_537)] }, 0],
  ] as [string, Answer, number][])("is the answer where %s", (_, answer, seconds) => {
    expect(nextOfChain(answer, seconds)).toBe("answer");
  });

  it("takes a job of the whole size", () => {
    const body = [new Uint8Array(STANDARD_CHAIN_LIMITS.jobBytes)];
    expect(nextOfChain({ ...CHAINED, body }, 0)).toBe("job");
  });
});
