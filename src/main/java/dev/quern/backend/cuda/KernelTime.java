package dev.quern.backend.cuda;

/**
 * What one kernel took.
 *
 * @param name of the kernel, or of a cuBLASLt product and its size
 * @param seconds of all launches together
 */
public record KernelTime(String name, long launches, double seconds) {}
