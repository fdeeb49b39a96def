import { afterEach, expect, test } from "vitest";
import { inContainer } from "../../../test/support/fresh-store.ts";
import { FreshServer } from "../../../test/support/http-client.ts";

let server: FreshServer;
afterEach(async () => await server.close());

test("an upload is answered as stored also where its mark cannot be kept any more", async () => {
  const judge = async () => {
    const { store } = server.fresh;
    await store.objects.remove(inContainer("program"));
    await store.containers.remove({ account: "a", container: "c" });
    return { kind: "valid" } as const;
  };
  const prevalidation = { rules: 1, isProgram: () => true, needRoom: async () => {}, judge };
  server = await FreshServer.start({ prevalidation });
  const stored = await server.send("PUT", "/v1/a/c/program", { body: "bytes" });
  expect([stored.status, stored.headers["x-zerovm-valid"]]).toEqual([201, undefined]);
  const told = "not judged: the object was changed meanwhile";
  expect(stored.headers["x-zerovm-validation"]).toBe(told);
});
