import { describe, expect, it } from "vitest";
import {
  instanceOf,
  partOf,
  type TextBody,
  textBody,
  wishesOf,
} from "../../../test/support/job-results.ts";
import {
  type Answer,
  type AnswerWishes,
  answerOf,
  headerOf,
  type InstanceResult,
  readAnswer,
  releaseAnswer,
} from "./index.ts";

function answer(instances: readonly InstanceResult[], wishes?: Partial<AnswerWishes>): Answer {
  return answerOf({ instances, seconds: 0.218 }, wishesOf(wishes));
}

async function textOfAnswer(given: Answer): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of readAnswer(given)) pieces.push(piece);
  const text = new TextDecoder().decode(Buffer.concat(pieces));
  const length = headerOf(given, "content-length");
  if (length !== undefined) expect(String(Buffer.byteLength(text))).toBe(length);
  return text;
}

describe("answerOf", () => {
  it("tells of one instance as the original does", async () => {
    const accounting = {
      seconds: 0.187,
      systemSeconds: 0.01,
      userSeconds: 0.05,
      local: { reads: 0, readBytes: 0, writes: 1, writtenBytes: 5 },
      network: { reads: 0, readBytes: 0, writes: 0, writtenBytes: 0 },
    };
    const etags = [{ device: "stdout", hex: "5d41402abc4b2a76b9719d911017c592" }];
    const responses = [partOf("hello")];
    const given = answer([instanceOf("hi", { etags, accounting, policy: "zero", responses })], {
      chainSeconds: 0.218,
    });
    expect(given.status).toBe(200);
    expect(given.headers).toEqual([
      ["Content-Type", "text/html"],
      ["Content-Length", "5"],
      ["X-Nexe-System", "hi"],
      ["X-Nexe-Status", "ok."],
      ["X-Nexe-Retcode", "0"],
      ["X-Nexe-Etag", "/dev/stdout 5d41402abc4b2a76b9719d911017c592"],
      ["X-Nexe-Validation", "0"],
      ["X-Nexe-Cdr-Line", "0.218, 0.187, 0.01 0.05 0 0 1 5 0 0 0 0"],
      ["X-Nexe-Policy", "zero"],
      ["X-Nexe-Colocated", "0"],
      ["X-Zerovm-Device", "stdout"],
      ["X-Chain-Total-Time", "0.218"],
      ["Etag", expect.stringMatching(/^[0-9a-f]{32}$/)],
      ["X-Timestamp", "1700000000.00000"],
      ["X-Trans-Id", "tx1"],
    ]);
    expect(await textOfAnswer(given)).toBe("hello");
  });

  it("gives another etag at another time and in another transaction", () => {
    const etags = [{}, { timestamp: "1700000000.00001" }, { transactionId: "tx2" }].map((wish) =>
      headerOf(answer([], wish), "etag"),
    );
    expect(new Set(etags).size).toBe(3);
  });

  it("joins bodies in the order of results, with the type of the first that is not empty", async () => {
    const given = answer([
      instanceOf("a", { responses: [partOf("")] }),
      instanceOf("b", { responses: [partOf("one", { contentType: "text/plain" })] }),
      instanceOf("c", { responses: [partOf("two", { contentType: "image/png" })] }),
    ]);
    expect(headerOf(given, "content-type")).toBe("text/plain");
    expect(await textOfAnswer(given)).toBe("onetwo");
  });

  it("has an empty body of the type of archives where everything was stored", async () => {
    const given = answer([instanceOf("a"), instanceOf("b")]);
    expect(given.status).toBe(200);
    expect(headerOf(given, "content-type")).toBe("application/x-gtar");
    expect(headerOf(given, "X-Zerovm-Device")).toBeUndefined();
    expect(await textOfAnswer(given)).toBe("");
  });

  it("is 200 whatever a program gives to exit", () => {
    const given = answer([instanceOf("a", { exitCode: 7 }), instanceOf("b", { exitCode: 1 })]);
    expect(given.status).toBe(200);
    expect(headerOf(given, "X-Nexe-Retcode")).toBe("7,1");
  });

  it("takes the highest status of programs and instances", () => {
    const teapot = partOf("", { status: 418 });
    const given = answer([
      instanceOf("a", { responses: [teapot] }),
      instanceOf("b", { status: 404, error: "Status 404 Not Found when putting /a/c/o" }),
      instanceOf("c", { state: "skipped", status: 503 }),
    ]);
    expect(given.status).toBe(418);
    expect(headerOf(given, "X-Nexe-Error")).toBe("-,Status 404 Not Found when putting /a/c/o,-");
  });

  it.each([
    [99, 200],
    [599, 599],
    [600, 500],
    [Number.MAX_SAFE_INTEGER, 500],
  ])("answers status %i of an instance with %i", (status, expected) => {
    expect(answer([instanceOf("a", { status })]).status).toBe(expected);
  });

  it("delivers bodies and texts of failure of a job that failed on its way", async () => {
    const given = answer([
      instanceOf("a", { responses: [partOf("half")] }),
      instanceOf("b", { state: "failed", status: 500, error: "Timed out", statusText: "lost" }),
    ]);
    expect(given.status).toBe(500);
    expect(await textOfAnswer(given)).toBe("halfTimed out\n");
  });

  it("tells only of the first instance that was refused before it read", async () => {
    const kept = textBody("never sent");
    const given = answer([
      instanceOf("a", { responses: [partOf("", { body: kept })] }),
      instanceOf("b", {
        state: "refused",
        status: 404,
        statusText: "ZeroVM did not run",
        responses: [partOf("Error 404 Not Found while fetching /a/c/o")],
      }),
      instanceOf("c", { state: "refused", status: 503 }),
    ]);
    expect(given.status).toBe(404);
    expect(headerOf(given, "X-Nexe-System")).toBe("b");
    expect(await textOfAnswer(given)).toBe("Error 404 Not Found while fetching /a/c/o");
    expect(kept.isReleased()).toBe(true);
  });

  it("says of a refused instance without a message why it was refused", async () => {
    const refused = instanceOf("a", { state: "refused", status: 503, error: "no slot" });
    expect(await textOfAnswer(answer([refused]))).toBe("no slot\n");
  });

  it("passes headers of programs on, but for those that are not theirs", () => {
    const headers = [
      ["X-Shop", "1"],
      ["x-nexe-status", "forged"],
      ["Transfer-Encoding", "chunked"],
      ["Content-Length", "3"],
      ["mtime", "1"],
      ["Set-Cookie", "a=1"],
      ["Set-Cookie", "b=2"],
      ["Location", "/näher?x=100%25"],
      ["bad name", "x"],
      ["X-Split", "a\r\nX-Evil: 1"],
      ["X-Container-Sysmeta-A", "1"],
      ["X-Backend-Timestamp", "1"],
    ] as const;
    const given = answer([
      instanceOf("a", { responses: [partOf("x", { headers })] }),
      instanceOf("b", {
        responses: [
          partOf("y", {
            headers: [
              ["X-SHOP", "2"],
              ["X-Other", "3"],
            ],
          }),
        ],
      }),
    ]);
    expect(given.headers.slice(-6)).toEqual([
      ["X-Shop", "1"],
      ["Set-Cookie", "a=1"],
      ["Set-Cookie", "b=2"],
      ["Location", "/n%C3%A4her?x=100%25"],
      ["X-Split", "a%0D%0AX-Evil: 1"],
      ["X-Other", "3"],
    ]);
  });

  it("sends no body to HEAD, and the length that the program said", () => {
    const body = textBody("");
    const headers = [["Content-Length", "1234"]] as const;
    const given = answer([instanceOf("a", { responses: [partOf("", { headers, body })] })], {
      method: "HEAD",
    });
    expect(given.body).toEqual([]);
    expect(headerOf(given, "content-length")).toBe("1234");
    expect(body.isReleased()).toBe(true);
  });

  it.each(["-1", "1e3", "", "0x10", "1234567890123456"])("takes no length %j", (length) => {
    const headers = [["Content-Length", length]] as const;
    const given = answer([instanceOf("a", { responses: [partOf("", { headers })] })], {
      method: "HEAD",
    });
    expect(headerOf(given, "content-length")).toBe("0");
  });

  it.each([204, 304])("sends no body with status %i", (status) => {
    const body = textBody("body");
    const given = answer([instanceOf("a", { responses: [partOf("", { status, body })] })]);
    expect([given.status, given.body]).toEqual([status, []]);
    expect(body.isReleased()).toBe(true);
  });

  it("releases what is not read", () => {
    const body = textBody("body");
    releaseAnswer(answer([instanceOf("a", { responses: [partOf("", { body })] })]));
    expect(body.isReleased()).toBe(true);
  });
});

describe("answerOf with a report", () => {
  it("gives all that is known of the job as JSON, and sizes for the bodies", async () => {
    const body = textBody("body");
    const instance = instanceOf("näme, 1", {
      responses: [partOf("", { body })],
      report: { fuel: { used: 2n ** 60n } },
      errorTail: "oops\n",
    });
    const given = answer([instance], { isJson: true });
    expect(headerOf(given, "content-type")).toBe("application/json");
    const report = JSON.parse(await textOfAnswer(given));
    expect(report).toMatchObject({ status: 200, transaction: "tx1", seconds: 0.218 });
    expect(report.instances).toHaveLength(1);
    expect(report.instances[0]).toMatchObject({
      name: "näme, 1",
      errorTail: "oops\n",
      report: { fuel: { used: "1152921504606846976" } },
      responses: [{ device: "stdout", contentType: "text/html", sizeBytes: 4 }],
    });
    expect(body.isReleased()).toBe(true);
  });

  it("tells of all instances, also where one was refused", async () => {
    const instances = [
      instanceOf("a"),
      instanceOf("b", { state: "refused", status: 503, error: "no slot" }),
      instanceOf("c", { state: "skipped" }),
    ];
    const given = answer(instances, { isJson: true });
    expect(given.status).toBe(503);
    expect(headerOf(given, "X-Nexe-System")).toBe("b");
    const report = JSON.parse(await textOfAnswer(given));
    expect(report.instances.map(({ state }: InstanceResult) => state)).toEqual([
      "ran",
      "refused",
      "skipped",
    ]);
  });

  it("comes as the first of several parts where the client takes them", async () => {
    const boundary = "0123456789abcdef";
    const given = answer(
      [
        instanceOf("a", { responses: [partOf("one"), partOf("two", { device: "stderr" })] }),
        instanceOf("b", { responses: [partOf("--0123456789abcde", { status: 201 })] }),
      ],
      { isJson: true, boundary },
    );
    expect(given.status).toBe(201);
    expect(headerOf(given, "content-type")).toBe(`multipart/mixed; boundary=${boundary}`);
    const parts = (await textOfAnswer(given)).split(`--${boundary}`);
    expect(parts).toHaveLength(6);
    expect(parts[1]).toContain('"transaction": "tx1"');
    expect(parts[3]).toBe(
      "\r\nContent-Type: text/html\r\nContent-Length: 3\r\nX-Nexe-System: a\r\n" +
        "X-Zerovm-Device: stderr\r\n\r\ntwo\r\n",
    );
    expect(parts[4]).toContain("X-Zerovm-Status: 201\r\n\r\n--0123456789abcde\r\n");
    expect(parts[5]).toBe("--\r\n");
  });

  it("has an end and no part where there is nothing to send", async () => {
    const boundary = "0123456789abcdef";
    expect(await textOfAnswer(answer([], { boundary }))).toBe(`--${boundary}--\r\n`);
  });

  it("takes no boundary that could break a header", () => {
    for (const boundary of ["short", "0123456789abcde\r\n", "0123456789abcdef; x"]) {
      expect(() => answer([], { boundary })).toThrow(/boundary/);
    }
  });
});

describe("bodies of answers", () => {
  it("are those of the instances, each once", () => {
    const bodies: TextBody[] = [textBody("a"), textBody("b")];
    const given = answer(
      bodies.map((body) => instanceOf("x", { responses: [partOf("", { body })] })),
    );
    expect(given.body).toEqual(bodies);
    expect(bodies.some((body) => body.isReleased())).toBe(false);
  });
});

describe("X-Zerovm-Failure-Ranges", () => {
  it("names what is said of failures, between what programs printed", async () => {
    const failed = (name: string, error: string) =>
      instanceOf(name, { state: "failed", status: 500, error });
    const given = answer([
      instanceOf("a", { responses: [partOf("hello")] }),
      failed("b", "lost"),
      failed("c", "too"),
      instanceOf("d", { responses: [partOf("")] }),
      instanceOf("e", { responses: [partOf("there")] }),
      failed("f", "no"),
    ]);
    expect(await textOfAnswer(given)).toBe("hellolost\ntoo\nthereno\n");
    expect(headerOf(given, "X-Zerovm-Failure-Ranges")).toBe("5-13,19-21");
    const well = answer([instanceOf("a", { responses: [partOf("hello")] })]);
    expect(headerOf(well, "X-Zerovm-Failure-Ranges")).toBeUndefined();
  });
});
