package dev.quern.hub;

/**
 * What a request is about, for messages.
 *
 * @param file null for the repository itself
 */
record Subject(RepoId id, String revision, String file) {
  Subject file(String path) {
    return new Subject(id, revision, path);
  }

  /** Such as {@code Qwen/Qwen2-7B (revision main), config.json}. */
  @Override
  public String toString() {
    return id.text() + " (revision " + revision + ")" + (file == null ? "" : ", " + file);
  }
}
