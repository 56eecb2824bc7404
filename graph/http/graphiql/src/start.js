// Mounts GraphiQL. Part of the bundle, and put into the page as it is when the bundle is not there.
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createElement } from "react";
import { createRoot } from "react-dom/client";

const settings = JSON.parse(document.getElementById("settings").textContent);
// What is followed comes over a WebSocket; the headers of the editor go with its first message.
const subscriptionUrl = new URL(settings.url, location.href).href.replace(/^http/, "ws");
const fetcher = createGraphiQLFetcher({ url: settings.url, subscriptionUrl, fetch: fetchReadable });

// The editor prints the schema, and its graphql.js cannot print an object as the default of a scalar (`= {}`): without
// the schema it completes nothing. So the copy it is given says of such an argument only that it may be left out.
async function fetchReadable(...request) {
  const response = await fetch(...request);
  const answer = await response.clone().json().catch(() => null);
  const types = answer?.data?.__schema?.types;
  if (!types) return response;
  for (const { fields, inputFields } of types) {
    for (const value of [...(fields ?? []).flatMap((field) => field.args), ...(inputFields ?? [])]) loosen(value);
  }
  return new Response(JSON.stringify(answer), { status: response.status, headers: response.headers });
}

function loosen(value) {
  const type = value.type.kind === "NON_NULL" ? value.type.ofType : value.type;
  if (type.kind === "SCALAR" && value.defaultValue?.startsWith("{")) Object.assign(value, { type, defaultValue: null });
}

createRoot(document.getElementById("graphiql")).render(
  createElement(GraphiQL, {
    fetcher,
    defaultQuery: settings.example,
    defaultEditorToolsVisibility: "headers",
    shouldPersistHeaders: false,
  }),
);
