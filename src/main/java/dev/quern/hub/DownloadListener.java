package dev.quern.hub;

/** Hears how a download goes, from many threads. */
public interface DownloadListener {
  DownloadListener NONE = new DownloadListener() {};

  /**
   * A download begins.
   *
   * @param name the repository
   * @param bytes of all files that are not here yet
   */
  default void begin(String name, int files, long bytes) {}

  /**
   * Bytes came in, or, when negative, turned out to be of no use.
   *
   * @param kept they were here already, of an earlier try
   */
  default void bytes(long count, boolean kept) {}

  /** Something a person should know, such as waiting for another process. */
  default void note(String text) {}

  /** The download is over, well or not. */
  default void end() {}
}
