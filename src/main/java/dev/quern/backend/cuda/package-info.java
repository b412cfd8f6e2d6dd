/**
 * The seam on NVIDIA GPUs: kernels of {@code native/}, matrix products, device memory, captured
 * steps. One thread launches; it owns the context, the stream and every scratch here.
 */
package dev.quern.backend.cuda;
