// Opens GraphiQL in a browser that reaches no host but the server's, and runs the example query.
// Then follows the changes, and makes one.
// Prints one object: what the editor held, what came back, what was told of the change, which other hosts were asked for, what the console complained of.
import { open } from "./browser.mjs";

const [chromium, url, screenshot] = process.argv.slice(2);
const { host, hostname } = new URL(url);
const foreign = [];
// Tall, because the editor keeps only the lines in sight.
const { browser, page, complaints } = await open(chromium, hostname, { width: 1400, height: 1800 });
try {
  await page.context().route("**/*", (route) => {
    const asked = new URL(route.request().url());
    if (asked.host === host || asked.protocol === "data:" || asked.protocol === "blob:") return route.continue();
    foreign.push(asked.host);
    return route.abort();
  });
  await page.goto(url);
  const text = (selector) => page.locator(`${selector} .view-lines`).first().innerText();
  await page.locator(".graphiql-query-editor .view-line").first().waitFor();
  const editor = await text(".graphiql-query-editor");
  await page.locator(".graphiql-execute-button").click();
  await page.locator(".result-window .view-line", { hasText: "data" }).first().waitFor();
  const result = await text(".result-window");
  // Completion needs the schema that the editor was given.
  await page.locator(".graphiql-query-editor .view-line").first().click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("{ prompts { nodes { latestVersion { previ");
  await page.keyboard.press("Control+Space");
  await page.locator(".suggest-widget .monaco-list-row", { hasText: "preview" }).first().waitFor({ timeout: 30_000 });
  const write = async (text) => {
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+A");
    await page.keyboard.insertText(text);
  };
  const hears = (text, more) => page.locator(".result-window .view-line", { hasText: text }).first().waitFor(more);
  await write("subscription Follow { promptEvents { __typename cursor ... on PromptEvent { kind prompt { name } } } }");
  // GraphiQL reads the editor a moment after it was written to; until then it runs what stood there before.
  for (let tries = 1, hasBegun = false; !hasBegun; tries += 1) {
    await page.locator(".graphiql-execute-button").click();
    hasBegun = await hears("StreamCheckpoint", { timeout: 4_000 }).then(() => true, () => false);
    if (!hasBegun && tries === 8) throw new Error(`it does not follow: ${await text(".result-window")}`);
  }
  const status = await page.evaluate(async (address) => {
    const query = `mutation { promptCreate(input: { name: "seen/live", template: { text: "Hello" } }) { errors { __typename } } }`;
    const headers = { "content-type": "application/json" };
    return (await fetch(address, { method: "POST", headers, body: JSON.stringify({ query }) })).text();
  }, url);
  await hears("CREATED").catch(() => complaints.push(status));
  const told = await text(".result-window");
  if (screenshot) await page.screenshot({ path: screenshot });
  console.log(JSON.stringify({ editor, result, told, foreign, complaints }));
} finally {
  await browser.close();
}
