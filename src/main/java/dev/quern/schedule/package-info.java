/**
 * What runs in each step: continuous batching, chunked prefill, paged KV blocks, prefix cache,
 * preemption by recompute. Ints and arrays; no device, no clock, so that the same requests give the
 * same steps.
 */
package dev.quern.schedule;
