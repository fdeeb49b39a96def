/** What a store has that runs by itself: apps, what opens an object, programs over one object. */
export { AppRequests } from "./app-requests.ts";
