package dev.quern.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The native library comes out of its jar whole, and loads in every class loader that wants it. */
class NativeTokenizersTest {
  @TempDir Path folder;

  @Test
  void extractsOnceForManyAtOnce() throws Exception {
    LibraryFile file = LibraryFile.ofThisPlatform(TokenizersLibrary.class.getClassLoader());
    Path cache = folder.resolve("a").resolve("b");
    Callable<Path> extraction = () -> file.extractedTo(cache);
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (Future<Path> path :
          threads.invokeAll(List.of(extraction, extraction, extraction, extraction))) {
        assertEquals(cache.resolve(file.name()), path.get());
      }
    }
    try (Stream<Path> files = Files.list(cache)) {
      assertEquals(List.of(cache.resolve(file.name())), files.toList());
    }
    byte[] extracted = Files.readAllBytes(cache.resolve(file.name()));
    assertArrayEquals(file.resource().openStream().readAllBytes(), extracted);
    Object key = Files.readAttributes(cache.resolve(file.name()), "unix:ino").get("ino");
    assertEquals(cache.resolve(file.name()), file.extractedTo(cache));
    assertEquals(
        key,
        Files.readAttributes(cache.resolve(file.name()), "unix:ino").get("ino"),
        "a whole file is not written again");
    Files.write(cache.resolve(file.name()), new byte[10]);
    file.extractedTo(cache);
    assertEquals(file.bytes(), Files.size(cache.resolve(file.name())), "a cut file is replaced");
  }

  @Test
  void loadsInSecondClassLoader() throws Exception {
    Tokenizer.open(TokenizerTest.BUILT_IN).close();
    try (URLClassLoader second = loader("dev.quern.text.", "ai.djl.huggingface.")) {
      assertNotSame(TokenizersLibrary.class, second.loadClass(TokenizersLibrary.class.getName()));
      assertEquals(4096, sizeBy(second));
    }
  }

  @Test
  void loadsWhereTheJniClassesBelongToTheParent() throws Exception {
    try (URLClassLoader child = loader("dev.quern.text.")) {
      assertSame(TokenizersLibrary.class, child.loadClass(TokenizersLibrary.class.getName()));
      assertEquals(4096, sizeBy(child));
    }
    try (URLClassLoader another = loader("dev.quern.text.")) {
      assertEquals(4096, sizeBy(another));
    }
  }

  private static int sizeBy(ClassLoader loader) throws Exception {
    Class<?> type = loader.loadClass(Tokenizer.class.getName());
    assertSame(loader, type.getClassLoader());
    try (AutoCloseable tokenizer =
        (AutoCloseable) type.getMethod("open", Path.class).invoke(null, TokenizerTest.BUILT_IN)) {
      int[] ids =
          (int[])
              type.getMethod("encode", String.class, boolean.class)
                  .invoke(tokenizer, "Once", false);
      assertEquals(
          "Once",
          type.getMethod("decode", int[].class, boolean.class).invoke(tokenizer, ids, false));
      return (int) type.getMethod("vocabularySize").invoke(tokenizer);
    }
  }

  /** A loader with classes of its own for these packages, from the same places. */
  private static URLClassLoader loader(String... own) throws Exception {
    List<URL> places = new ArrayList<>();
    for (Class<?> type : List.of(Tokenizer.class, TokenizersLibrary.class)) {
      places.add(type.getProtectionDomain().getCodeSource().getLocation());
    }
    return new URLClassLoader(
        places.toArray(URL[]::new), NativeTokenizersTest.class.getClassLoader()) {
      @Override
      protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        for (String prefix : own) {
          if (!name.startsWith(prefix)) continue;
          synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : findClass(name);
          }
        }
        return super.loadClass(name, resolve);
      }
    };
  }
}
