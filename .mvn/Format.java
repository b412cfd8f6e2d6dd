import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;

/**
 * Runs google-java-format over the project's Java files: {@code Format.java check|fix STAMP
 * ROOT...}. The build calls it with the formatter on the class path. Files older than the stamp of
 * the last clean run are not looked at again.
 */
final class Format {
  public static void main(String[] args) throws IOException {
    String mode = args[0];
    if (!mode.equals("check") && !mode.equals("fix")) {
      fail("-Dformat=" + mode + ": must be check or fix");
    }
    Path stamp = Path.of(args[1]);
    FileTime started = FileTime.fromMillis(System.currentTimeMillis());
    var formatterArgs =
        new ArrayList<>(mode.equals("fix") ? List.of("--replace") : List.of("--dry-run"));
    int flags = formatterArgs.size();
    for (int i = 2; i < args.length; i++) {
      addFiles(Path.of(args[i]), stamp, formatterArgs);
    }
    if (formatterArgs.size() > flags) {
      var out = new java.io.StringWriter();
      var tool = ToolProvider.findFirst("google-java-format").orElseThrow();
      int code =
          tool.run(
              new java.io.PrintWriter(out, true),
              new java.io.PrintWriter(System.err, true),
              formatterArgs.toArray(String[]::new));
      String unformatted = out.toString().strip();
      if (code != 0 || !unformatted.isEmpty()) {
        fail(unformatted + "\nnot formatted: run ./mvnw process-sources -Dformat=fix");
      }
    }
    Files.createDirectories(stamp.getParent());
    Files.write(stamp, new byte[0]);
    Files.setLastModifiedTime(stamp, started);
  }

  private static void addFiles(Path root, Path stamp, List<String> to) throws IOException {
    FileTime since =
        Files.exists(stamp) ? Files.getLastModifiedTime(stamp) : FileTime.fromMillis(0);
    try (var files = Files.walk(root)) {
      for (Path file : (Iterable<Path>) files.sorted()::iterator) {
        if (file.toString().endsWith(".java")
            && Files.getLastModifiedTime(file).compareTo(since) >= 0) {
          to.add(file.toString());
        }
      }
    }
  }

  private static void fail(String message) {
    System.err.println(message.strip());
    System.exit(1);
  }
}
