package dev.quern.batch.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A share of the input: the lines whose number, counted from 0, leaves {@code index} when divided
 * by {@code count}.
 *
 * @param index counted from 0
 */
public record Shard(int index, int count) {
  public static final Shard WHOLE = new Shard(0, 1);

  private static final Pattern SUFFIX =
      Pattern.compile("(?i)(\\.(jsonl|ndjson|json))?(\\.(gz|zstd?))?$");
  private static final Pattern SHARDED = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})(.*)");

  public Shard {
    if (count < 1 || count > 99_999 || index < 0 || index >= count)
      throw new IllegalArgumentException(
          "shard %d/%d: the index counts from 0 and is below the count".formatted(index, count));
  }

  /**
   * @param text {@code i/n}
   */
  public static Shard parse(String text) {
    Matcher parts = Pattern.compile("(\\d{1,6})/(\\d{1,6})").matcher(text.strip());
    if (!parts.matches())
      throw new IllegalArgumentException("shard '" + text + "' is not of the form 2/8");
    return new Shard(Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)));
  }

  /**
   * From what Kubernetes' indexed jobs or Cloud Run's jobs tell a task; whole where they tell
   * nothing.
   */
  public static Shard of(Map<String, String> environment) {
    String[][] names = {
      {"JOB_COMPLETION_INDEX", "JOB_COMPLETIONS"},
      {"CLOUD_RUN_TASK_INDEX", "CLOUD_RUN_TASK_COUNT"}
    };
    for (String[] name : names) {
      String index = environment.get(name[0]);
      String count = environment.get(name[1]);
      if (index != null && count == null)
        throw new IllegalArgumentException(
            "%s is %s, but %s is not set, which says of how many; or pass --shard (0/1 is the whole)"
                .formatted(name[0], index, name[1]));
      if (index != null) {
        try {
          return parse(index + "/" + count);
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException(
              "%s=%s, %s=%s: %s".formatted(name[0], index, name[1], count, e.getMessage()), e);
        }
      }
    }
    return WHOLE;
  }

  /**
   * @param line counted from 1
   */
  public boolean has(long line) {
    return (line - 1) % count == index;
  }

  /** This share's own output: {@code out-00002-of-00008.jsonl} for {@code out.jsonl}. */
  Path name(Path output) {
    if (count == 1) return output;
    String file = output.getFileName().toString();
    Matcher suffix = SUFFIX.matcher(file);
    int at = suffix.find() ? suffix.start() : file.length();
    return output.resolveSibling(file.substring(0, at) + "-" + tag() + file.substring(at));
  }

  /** Whether a file is the output of a share of another count, or the whole one. */
  boolean isSibling(Path output, Path file) {
    if (count == 1) return false;
    String name = file.getFileName().toString();
    if (name.equals(output.getFileName().toString())) return true;
    Matcher parts = SHARDED.matcher(name);
    return parts.matches()
        && output.getFileName().toString().equals(parts.group(1) + parts.group(4))
        && Integer.parseInt(parts.group(3)) != count;
  }

  /**
   * All outputs of a job, of whatever number of shards, whole or not: the files that results are
   * in.
   */
  public static List<Path> results(Disk disk, Path output) throws IOException {
    List<Path> found = new ArrayList<>();
    Shard any = new Shard(0, 99_999);
    for (Path file : disk.list(output.toAbsolutePath().getParent())) {
      String name = file.getFileName().toString();
      boolean log = name.endsWith(JobFiles.SUFFIX);
      String of = log ? name.substring(0, name.length() - JobFiles.SUFFIX.length()) : name;
      Path result = file.resolveSibling(of);
      if (!any.isSibling(output, result)) continue;
      if (log) result = new JobFiles(result).log();
      // Under the output's own name there may be what was joined before.
      else if (of.equals(output.getFileName().toString())) continue;
      if (disk.size(result) >= 0) found.add(result);
    }
    return found;
  }

  /**
   * Whether a tag is that of another share of the same count.
   *
   * @param tag of what has no shards: null
   */
  boolean isSister(String tag) {
    return tag != null && !tag.equals(tag()) && tag.endsWith(tag().substring(5));
  }

  String tag() {
    return String.format(Locale.ROOT, "%05d-of-%05d", index, count);
  }
}
