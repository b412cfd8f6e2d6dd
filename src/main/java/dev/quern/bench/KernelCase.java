package dev.quern.bench;

import dev.quern.backend.Backend;
import dev.quern.backend.Batch;
import dev.quern.backend.KvCache;

/**
 * One op whose kernels are timed.
 *
 * @param name op and shape
 * @param work what it must move and compute at least
 */
record KernelCase(String name, Work work, Preparation preparation) {
  /** Makes inputs and outputs on a backend. */
  interface Preparation {
    Prepared on(Backend backend);
  }

  /**
   * @param batch the step's inputs, which the op reads
   * @param op to be run again and again
   * @param kv that the op uses, or null
   */
  record Prepared(Batch batch, Runnable op, KvCache kv) implements AutoCloseable {
    @Override
    public void close() {
      if (kv != null) {
        kv.close();
      }
    }
  }
}
