/**
 * OpenAI's completions and chat completions over an engine, for HTTP and for batch files alike: a
 * JSON body is checked ({@link dev.quern.openai.Completions}, {@link
 * dev.quern.openai.ChatCompletions}), becomes a {@link dev.quern.openai.Call}, and its {@link
 * dev.quern.openai.Answer} is read whole or chunk by chunk. Field names, defaults and status codes
 * are OpenAI's with vLLM's extras.
 */
package dev.quern.openai;
