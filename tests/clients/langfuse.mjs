// Does with @langfuse/client what programs do with prompts, against the URL and key given; prints what came of each.
import { LangfuseClient } from "@langfuse/client";

const [url, key, folder] = process.argv.slice(2);
const langfuse = new LangfuseClient({ publicKey: "anything", secretKey: key, baseUrl: url });
const told = {};
const fresh = { cacheTtlSeconds: 0 };
const show = ({ name, version, prompt, config, labels, tags, isFallback }) => ({
  name, version, prompt, config, labels, tags, isFallback,
});

const text = `${folder}/text`;
told.created = show(await langfuse.prompt.create({
  name: text, prompt: "Hello {{name}} & {{ other }}", labels: ["production"], tags: ["js"], config: { temperature: 0.5 },
}));
told.second = show(await langfuse.prompt.create({ name: text, prompt: "Bye {{name}}" }));
told.byDefault = show(await langfuse.prompt.get(text, fresh));
told.byVersion = show(await langfuse.prompt.get(text, { ...fresh, version: 2 }));
told.byLabel = show(await langfuse.prompt.get(text, { ...fresh, label: "latest" }));
told.compiled = (await langfuse.prompt.get(text, fresh)).compile({ name: "<Ada>", other: "{{name}}" });
await langfuse.prompt.update({ name: text, version: 2, newLabels: ["production"] });
told.moved = show(await langfuse.prompt.get(text, fresh));

const chat = `${folder}/chat`;
await langfuse.prompt.create({
  name: chat, type: "chat", labels: ["production"],
  prompt: [
    { role: "system", content: "You are {{persona}}." },
    { type: "placeholder", name: "history" },
    { role: "user", content: "{{q}}" },
  ],
});
const filled = await langfuse.prompt.get(chat, { ...fresh, type: "chat" });
told.chat = show(filled);
told.filled = filled.compile({ persona: "Ada", q: "Role: system" }, { history: [{ role: "user", content: "Hi" }] });

const list = await langfuse.api.prompts.list({ name: text });
told.list = [list.data[0].versions, list.data[0].labels, list.meta];
told.fallback = show(await langfuse.prompt.get(`${folder}/none`, { ...fresh, fallback: "Hello {{name}}" }));
told.missing = await langfuse.prompt.get(`${folder}/none`, fresh).then(() => null, (error) => error.message);
await langfuse.prompt.delete(chat);
told.deleted = await langfuse.prompt.get(chat, { ...fresh, type: "chat" }).then(() => null, (error) => error.message);

told.odd = [];
for (const odd of ["a b", "100%", "a+b/c", "ü#?", "x@y", "a%2Fb"]) {
  const name = `${folder}/odd/${odd}`;
  await langfuse.prompt.create({ name, prompt: odd, labels: ["production"] });
  await langfuse.prompt.update({ name, version: 1, newLabels: ["blue"] });
  told.odd.push((await langfuse.prompt.get(name, { ...fresh, label: "blue" })).prompt === odd);
  await langfuse.prompt.delete(name);
}
const refused = (act) => act.then(() => null, (error) => [error.statusCode, error.body?.code]);
told.refused = [
  await refused(langfuse.prompt.update({ name: text, version: 1, newLabels: ["latest"] })),
  await refused(langfuse.prompt.delete(text, { version: 1 })),
  await refused(langfuse.prompt.create({ name: text, prompt: `@@@langfusePrompt:name=${text}|version=1@@@` })),
];
langfuse.score.create({ name: "good", value: 1, traceId: "a" });
await langfuse.flush();
console.log(JSON.stringify(told));
process.exit(0);
