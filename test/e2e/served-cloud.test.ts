import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OTHER, ServedCloud, TESTER } from "../support/served-cloud.ts";

describe("zerovm serve as a process", () => {
  let cloud: ServedCloud;
  beforeAll(async () => {
    cloud = await ServedCloud.start();
  });
  afterAll(async () => {
    await cloud.stop();
  });

  test("lets its users in, each to the account that is theirs", async () => {
    const own = await cloud.signIn(TESTER);
    expect(own.storageUrl).toBe(`${cloud.url}/v1/AUTH_test`);
    const other = await cloud.signIn(OTHER);
    const ask = async (token: string) => {
      return (await fetch(own.storageUrl, { headers: { "X-Auth-Token": token } })).status;
    };
    expect([await ask(own.token), await ask(other.token)]).toEqual([204, 403]);
    await expect(cloud.signIn({ ...TESTER, key: "wrong" })).rejects.toThrow("401");
  });

  test("ends in order when it is told, and says why it does not start", async () => {
    const second = await ServedCloud.start();
    expect(await second.stop()).toBe(0);
    expect(second.log).toContain('"text":"Stopped"');
    await expect(ServedCloud.start({ users: "nothing" })).rejects.toThrow("ended with 125");
  });
});
