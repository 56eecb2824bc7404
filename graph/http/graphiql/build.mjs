// Bundles GraphiQL and its editor's workers into dist/, which the server serves under /graphql/assets/,
// each script and style sheet compressed beside itself: the server sends that one to browsers that take it.
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const shared = {
  bundle: true,
  minify: true,
  outdir: "dist",
  target: "es2022",
  legalComments: "linked",
  logLevel: "warning",
  define: { "process.env.NODE_ENV": '"production"' },
};

await rm("dist", { recursive: true, force: true });
await build({
  ...shared,
  entryPoints: { graphiql: "src/main.js" },
  format: "esm",
  loader: { ".ttf": "file", ".woff": "file", ".woff2": "file", ".svg": "dataurl" },
  assetNames: "[name]-[hash]",
});
await build({
  ...shared,
  entryPoints: {
    "editor.worker": "monaco-editor/esm/vs/editor/editor.worker.js",
    "json.worker": "monaco-editor/esm/vs/language/json/json.worker.js",
    "graphql.worker": "monaco-graphql/esm/graphql.worker.js",
  },
  format: "iife",
});

for (const name of await readdir("dist")) {
  if (/\.(js|css)$/.test(name)) await writeFile(`dist/${name}.gz`, gzipSync(await readFile(`dist/${name}`), { level: 9 }));
}
