/**
 * {@code quern bench}: latency and throughput of an engine in vLLM's terms, each beside what the
 * machine allows. {@link dev.quern.bench.ModelCost} counts the bytes and operations that the model
 * needs, {@link dev.quern.bench.Limits} says how fast the machine moves bytes and computes, and a
 * result's ratio is the least time that both allow over the time it took.
 */
package dev.quern.bench;
