// Runs graphql-http's audits against the URL given; prints one line of JSON for each: {id, status, reason}.
import { serverAudits } from "graphql-http";

for (const audit of serverAudits({ url: process.argv[2] })) {
  const { status, reason = null } = await audit.fn();
  console.log(JSON.stringify({ id: audit.id, status, reason }));
}
