/**
 * OpenAI's API over HTTP. {@link dev.quern.api.Served} holds the model; {@link dev.quern.api.Gate}
 * stands before every route; the resources turn bodies into {@link dev.quern.openai.Call}s on
 * virtual threads, so that waiting blocks no event loop.
 */
package dev.quern.api;
