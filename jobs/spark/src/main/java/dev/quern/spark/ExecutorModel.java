package dev.quern.spark;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The one model of this executor's JVM. Its tasks share it, so that their prompts run in one batch.
 *
 * <p>The application's jars and Spark's hold other versions of the same libraries. A class loader
 * whose parent is the platform's keeps them apart: {@link Answers} is defined there once more, from
 * our jar, beside the application's classes. It stays loaded as long as the JVM.
 */
final class ExecutorModel {
  private static Job loaded;
  private static Function<Iterator<String[]>, Iterator<Object[]>> answers;
  private static ClassLoader loader;

  private ExecutorModel() {}

  /**
   * @throws IllegalStateException when another model is loaded here already
   */
  static synchronized Iterator<Object[]> answer(Job job, Path app, Iterator<String[]> prompts) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try {
      if (loaded == null) load(job, app, thread);
      if (!loaded.equals(job))
        throw new IllegalStateException(
            "this executor holds the model of " + loaded + ", not of " + job);
      return answers.apply(prompts);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @SuppressWarnings("unchecked") // Answers is that function, of a class that this side cannot name
  private static void load(Job job, Path app, Thread thread) {
    try {
      loader = new URLClassLoader("quern", jars(app), ClassLoader.getPlatformClassLoader());
      // What the application finds by the context finds its own libraries.
      thread.setContextClassLoader(loader);
      answers =
          (Function<Iterator<String[]>, Iterator<Object[]>>)
              loader
                  .loadClass("dev.quern.spark.Answers")
                  .getConstructor(String.class, Map.class, int.class, Float.class)
                  .newInstance(job.model(), job.flags(), job.maxTokens(), job.temperature());
      loaded = job;
    } catch (ReflectiveOperationException e) {
      // Told in words: the driver does not have the class of the cause.
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IllegalStateException("the model cannot be loaded: " + cause);
    }
  }

  private static URL[] jars(Path app) {
    Path classes = app.resolve("app");
    if (!Files.isDirectory(classes))
      throw new IllegalStateException(
          "the application is not at " + app.toAbsolutePath() + ": no folder 'app' there");
    List<URL> jars = new ArrayList<>();
    jars.add(Answers.class.getProtectionDomain().getCodeSource().getLocation());
    for (Path folder : List.of(classes, app.resolve("lib/boot"), app.resolve("lib/main")))
      try (Stream<Path> files = Files.list(folder)) {
        for (Path jar : (Iterable<Path>) files.sorted()::iterator)
          if (jar.toString().endsWith(".jar")) jars.add(url(jar));
      } catch (IOException e) {
        throw new IllegalStateException("the application at " + app + " cannot be read", e);
      }
    return jars.toArray(URL[]::new);
  }

  private static URL url(Path jar) {
    try {
      return jar.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }
}
