/**
 * Bindings of NVIDIA's C libraries through Panama, and nothing else.
 *
 * <p>Every function bound here takes only integers and pointers, so each is bound as {@code int
 * f(long, …)}, or {@code long f(long, …)} where it returns a pointer: in the C calling conventions
 * of x86-64 and AArch64 an {@code int} argument fills the same 8-byte register or stack slot as a
 * {@code long}, and the callee ignores the upper half. That leaves one downcall shape per number of
 * arguments instead of one per signature, and each new shape costs tens of milliseconds of cold
 * start.
 */
package dev.quern.cuda;
