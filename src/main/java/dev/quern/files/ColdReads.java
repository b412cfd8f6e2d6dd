package dev.quern.files;

/**
 * How bytes of a file are read that are not in the page cache. Measured with 4.3 GB on the virtual
 * disk of a shared machine of two cores (Linux 6.18, ext4), 2 to 12 threads: directly 1.7 to 2.6
 * GB/s and 0.1 s of CPU, buffered 0.2 to 1.3 GB/s and 1.1 to 6.6 s.
 */
public enum ColdReads {
  /**
   * Straight from the disk into the reader's memory, where the file system allows it. Nothing is
   * copied on the way, and the page cache stays as it is.
   */
  DIRECT,

  /** Through the page cache, where the next reader finds them. */
  BUFFERED
}
