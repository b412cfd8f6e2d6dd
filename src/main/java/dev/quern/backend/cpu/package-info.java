/**
 * The CPU backend: {@link dev.quern.backend.cpu.CpuBackend} with the plain loops of {@code
 * ScalarOps}, which are the oracle of every backend, and the fast ones of {@code VectorOps}.
 */
package dev.quern.backend.cpu;
