// Subscribes with graphql-sse at the URL given, prints each message as a line of JSON, and stops after so many events.
import { createClient } from "graphql-sse";

const [url, query, wanted, key] = process.argv.slice(2);
const client = createClient({
  url,
  headers: key ? { Authorization: `Bearer ${key}` } : undefined,
  retryAttempts: 0,
});

let events = 0;
try {
  for await (const result of client.iterate({ query })) {
    console.log(JSON.stringify(result));
    if (result.errors) break;
    if (result.data.promptEvents.__typename !== "StreamCheckpoint" && ++events >= Number(wanted)) break;
  }
} catch (error) {
  console.log(JSON.stringify({ error: String(error) }));
}
client.dispose();
