// Opens the page of the examples that shows what changes, and makes changes.
// Prints one object: the lines that the page shows, and what the console complained of.
import { open } from "./browser.mjs";

const [chromium, address, server] = process.argv.slice(2);
const { browser, page, complaints } = await open(chromium, new URL(address).hostname);

async function create(name) {
  const query = `mutation($name: String!) { promptCreate(input: { name: $name, template: { text: "Hello" } }) { errors { __typename } } }`;
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ query, variables: { name } });
  await fetch(new URL("/graphql", server), { method: "POST", headers, body });
}

try {
  await page.goto(address);
  await page.waitForFunction(() => source.readyState === EventSource.OPEN);
  for (const name of ["support/<b>bold</b>", "elsewhere/unseen", "support/last"]) await create(name);
  await page.locator("#changes li", { hasText: "support/last" }).waitFor();
  console.log(JSON.stringify({ lines: await page.locator("#changes li").allTextContents(), complaints }));
} finally {
  await browser.close();
}
