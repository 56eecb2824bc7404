// Mounts GraphiQL. Part of the bundle, and put into the page as it is when the bundle is not there.
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createElement } from "react";
import { createRoot } from "react-dom/client";

const settings = JSON.parse(document.getElementById("settings").textContent);
const fetcher = createGraphiQLFetcher({ url: settings.url });

createRoot(document.getElementById("graphiql")).render(
  createElement(GraphiQL, {
    fetcher,
    defaultQuery: settings.example,
    defaultEditorToolsVisibility: "headers",
    shouldPersistHeaders: false,
  }),
);
