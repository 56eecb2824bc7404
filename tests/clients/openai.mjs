// npm's openai against a running server: `node openai.mjs URL PROMPT` prints what it got.
import OpenAI from 'openai';

const [, , baseURL, name] = process.argv;
const client = new OpenAI({ baseURL, apiKey: 'none-is-needed', maxRetries: 0 });
const fields = { prompt_id: name, prompt_variables: { customer: 'Ada' } };
const messages = [{ role: 'user', content: 'one two' }];
const whole = await client.chat.completions.create({ model: '', messages, ...fields });
const words = [];
for await (const chunk of await client.chat.completions.create({ model: '', messages, stream: true, ...fields })) {
  words.push(chunk.choices[0].delta.content ?? '');
}
const prompt = { id: name, variables: { customer: 'Ada' } };
const response = await client.responses.create({ prompt, input: 'three' });
let streamed = '';
for await (const event of await client.responses.create({ prompt, input: 'four five', stream: true })) {
  if (event.type === 'response.output_text.delta') streamed += event.delta;
}
const helper = client.chat.completions.stream({ model: '', messages, ...fields });
const added = await helper.finalContent();
const models = [];
for await (const model of client.models.list()) models.push(model.id);
let code = null;
try {
  await client.chat.completions.create({ model: '', messages, prompt_id: 'nobody' });
} catch (error) {
  code = error instanceof OpenAI.NotFoundError ? error.code : String(error);
}
const told = { whole: whole.choices[0].message.content, words, response: response.output_text, streamed, code };
console.log(JSON.stringify({ ...told, prompt: response.prompt, added, models }));
