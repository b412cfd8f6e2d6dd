// The official OpenAI client for JavaScript, unchanged, against a server.
// Arguments: base URL, key, model. Prints "ok", or throws.
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const [baseURL, apiKey, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const greedy = { model, temperature: 0, max_tokens: 12 };
const messages = [{ role: 'user', content: 'Tell me a tale.' }];

const names = [];
for await (const card of client.models.list()) names.push(card.id);
assert.ok(names.includes(model));
assert.equal((await client.models.retrieve(model)).id, model);

const chat = await client.chat.completions.create({ ...greedy, messages });
assert.equal(chat.choices[0].message.role, 'assistant');
assert.equal(chat.choices[0].finish_reason, 'length');
assert.equal(chat.usage.completion_tokens, 12);
assert.ok(chat._request_id);

let text = '';
let usage = null;
const stream = await client.chat.completions.create({
  ...greedy, messages, stream: true, stream_options: { include_usage: true },
});
for await (const chunk of stream) {
  text += chunk.choices[0]?.delta?.content ?? '';
  usage = chunk.usage ?? usage;
}
assert.equal(text, chat.choices[0].message.content);
assert.deepEqual(usage, chat.usage);

const final = await client.chat.completions.stream({ ...greedy, messages }).finalChatCompletion();
assert.equal(final.choices[0].message.content, text);

const completion = await client.completions.create({ ...greedy, prompt: 'Once upon a time', logprobs: 2 });
assert.equal(completion.choices[0].logprobs.tokens.length, 12);
let streamed = '';
for await (const chunk of await client.completions.create({ ...greedy, prompt: 'Once upon a time', stream: true }))
  streamed += chunk.choices[0].text;
assert.equal(streamed, completion.choices[0].text);

async function fails(type, status, request, options) {
  const error = await client.chat.completions.create({ ...greedy, messages, ...request }, options).then(
    () => assert.fail('no ' + type.name), (e) => e);
  assert.ok(error instanceof type, `${type.name} expected, got ${error}`);
  assert.equal(error.status, status);
  assert.ok(error.message.length > 4);
  return error;
}
await fails(OpenAI.BadRequestError, 400, { temperature: 9 });
assert.equal((await fails(OpenAI.NotFoundError, 404, { model: 'gpt' })).param, 'model');
await fails(OpenAI.AuthenticationError, 401, {}, { headers: { Authorization: 'Bearer wrong' } });
await fails(OpenAI.RateLimitError, 429, { cache_salt: 'the queue is full' });
await fails(OpenAI.InternalServerError, 503, { cache_salt: 'the engine is lost' });

const controller = new AbortController();
const long = await client.completions.create(
  { model, prompt: 'Once', max_tokens: 1500, ignore_eos: true, stream: true }, { signal: controller.signal });
for await (const chunk of long) { controller.abort(); break; }

console.log('ok');
