// Subscribes with graphql-ws at the URL given, prints each message as a line of JSON, and stops after so many events.
// After CUT events (of the environment) the socket is cut, and it comes again with the cursor that it had.
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, query, wanted, key] = process.argv.slice(2);
let socket;
const client = createClient({
  url: url.replace("http", "ws"),
  webSocketImpl: class extends WebSocket {
    constructor(...given) {
      super(...given);
      socket = this;
    }
  },
  connectionParams: key ? { Authorization: `Bearer ${key}` } : undefined,
  retryAttempts: 0, // it would ask again from where it began: the cursor is ours to keep
  keepAlive: 200,
  on: { pong: () => console.error("pong") },
});

let cursor = null;
let events = 0;
while (events < Number(wanted)) {
  try {
    for await (const result of client.iterate({ query, variables: { after: cursor } })) {
      console.log(JSON.stringify(result));
      const message = result.data.promptEvents;
      cursor = message.cursor;
      if (message.__typename !== "StreamCheckpoint" && ++events >= Number(wanted)) break;
      if (events === Number(process.env.CUT)) {
        process.env.CUT = "0";
        socket.terminate();
      }
    }
  } catch (error) {
    if (error.code === 1006) continue;
    console.log(JSON.stringify({ error: error.code ?? String(error), reason: error.reason }));
    break;
  }
}
await client.dispose();
