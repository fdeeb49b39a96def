import { tellingGuest } from "../../../support/app-guests.ts";
import { ENDPOINT, putApp } from "./app-cases.ts";
import { CGI, jobOf, STDOUT } from "./jobs.ts";
import type { Side } from "./side.ts";

/** What a client gets in a cluster that is different from what it gets of `zerovm serve`. */
export interface Difference {
  readonly what: string;
  readonly why: string;
  /** What is seen of it. */
  readonly ask: (side: Side) => Promise<unknown>;
  readonly embedded: unknown;
  readonly swift: unknown;
}

const JOB = { "X-Zerovm-Execute": "1.0", "Content-Type": "application/json" };

/** The table of the guide, each row as a request; `docs/guide/swift.md` has it for readers. */
export const DIFFERENCES: readonly Difference[] = [
  {
    what: "a token that is none",
    why: "the filter that signs in refuses it, before any job is looked at",
    ask: async (side) => {
      const headers = { ...JOB, "X-Auth-Token": "AUTH_tkwrong" };
      const body = jobOf({ program: "hello" });
      const answer = await side.send("POST", "/v1/AUTH_test", { headers, body });
      return [answer.status, answer.headers["content-type"]];
    },
    embedded: [401, "text/plain; charset=utf-8"],
    swift: [401, "text/html; charset=UTF-8"],
  },
  {
    what: "an account that nobody has used",
    why: "Swift answers with an empty listing, where it makes accounts by itself",
    ask: async (side) => {
      const devices = [{ name: "stdin", path: "swift://AUTH_none/*/o" }, STDOUT];
      const asked = {
        as: "reseller",
        headers: JOB,
        body: jobOf({ program: "cat", devices }),
      } as const;
      const { body } = await side.send("POST", "/v1/AUTH_test", asked);
      return body.split(" (")[0];
    },
    embedded: "Error querying object server for account: AUTH_none",
    swift: "No objects found in path swift://AUTH_none/*/o",
  },
  {
    what: "a `?` with nothing behind it, for an app",
    why: "WSGI does not tell it from none",
    ask: async (side) => {
      const app = await putApp(side, "apps/tell.tar", [{ program: "tell", devices: [CGI] }]);
      await side.container("site", { [ENDPOINT]: app });
      const path = `/api/AUTH_test/${side.name("site")}/x`;
      const { body } = await side.send("GET", `${path}?`);
      return /^REQUEST_URI=.*x(.*)$/m.exec(body)?.[1];
    },
    embedded: "?",
    swift: "",
  },
  {
    what: "a program that was found valid when it was stored",
    why: "only `zerovm serve` judges programs when they are stored; a cluster does with each job",
    ask: async (side) => {
      await side.container("c");
      const headers = { "Content-Type": "application/x-nexe" };
      await side.put("c/p.nexe", tellingGuest(""), { headers });
      const path = `/open/AUTH_test/${side.name("c")}/p.nexe`;
      return (await side.send("GET", path)).headers["x-nexe-validation"];
    },
    embedded: "2",
    swift: "0",
  },
  {
    what: "what Swift itself refuses",
    why: "requests that are not for jobs are Swift's, and so are its texts",
    ask: async (side) => {
      const c = await side.container("c");
      const { status, body } = await side.send("GET", `${c}/none`);
      return [status, body.split("\n")[0]?.slice(0, 22)];
    },
    embedded: [404, "404 Not Found"],
    swift: [404, "<html><h1>Not Found</h"],
  },
];
