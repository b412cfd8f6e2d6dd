package dev.quern.text;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Loads the Rust tokenizers library that the {@code ai.djl.huggingface:tokenizers} jar carries,
 * once per class loader, and gives its JNI entry points.
 *
 * <p>The jar's own loader (HuggingFaceTokenizer, LibUtils) is left alone on purpose: it looks for
 * CUDA through JNA, may download a build for it and reports usage. Here nothing is looked up but
 * the jar's resource and one file of the user's cache.
 */
final class NativeTokenizers {
  private static final String ALREADY_LOADED = "already loaded in another classloader";

  private NativeTokenizers() {}

  /** The JNI entry points; loads the library at the first call. */
  static TokenizersLibrary library() throws IOException {
    try {
      return Loaded.LIBRARY;
    } catch (ExceptionInInitializerError e) {
      throw new IOException(
          "cannot load the native tokenizers library: " + e.getCause().getMessage(), e.getCause());
    } catch (NoClassDefFoundError e) {
      throw new IOException(
          "the native tokenizers library could not be loaded earlier in this process", e);
    }
  }

  /** The class initialiser is the once-only lock. */
  private static final class Loaded {
    static final TokenizersLibrary LIBRARY = load();

    private static TokenizersLibrary load() {
      try {
        LibraryFile file = LibraryFile.ofThisPlatform(TokenizersLibrary.class.getClassLoader());
        try {
          loadIn(file.extractedTo(LibraryFile.userCache()));
        } catch (IOException | UnsatisfiedLinkError cacheFailure) {
          loadFromPrivateFolder(file, cacheFailure);
        }
        return TokenizersLibrary.LIB;
      } catch (IOException e) {
        throw new IllegalStateException(e.getMessage(), e);
      }
    }
  }

  /** Where the user's cache is not writable, or is mounted without the right to execute. */
  private static void loadFromPrivateFolder(LibraryFile file, Throwable cacheFailure)
      throws IOException {
    Path folder = Files.createTempDirectory("quern-native-");
    try {
      Path path = file.extractedTo(folder);
      loadIn(path);
      Files.deleteIfExists(path);
    } catch (IOException | UnsatisfiedLinkError e) {
      e.addSuppressed(cacheFailure);
      throw new IOException(
          e.getMessage() + " (and in the cache: " + cacheFailure.getMessage() + ")", e);
    } finally {
      deleteQuietly(folder);
    }
  }

  private static void loadIn(Path path) throws IOException {
    try {
      LoaderOf.load(TokenizersLibrary.class, path);
    } catch (UnsatisfiedLinkError e) {
      if (e.getMessage() == null || !e.getMessage().contains(ALREADY_LOADED)) throw e;
      loadUnderFreshName(path);
    }
  }

  /**
   * The JVM ties a library's path to one class loader, so a second loader in the same process (a
   * test profile, live reload) needs another name for the same file.
   */
  private static void loadUnderFreshName(Path path) throws IOException {
    Path folder = Files.createTempDirectory("quern-native-");
    Path fresh = folder.resolve(path.getFileName());
    try {
      try {
        Files.createLink(fresh, path);
      } catch (FileSystemException | UnsupportedOperationException e) {
        Files.copy(path, fresh);
      }
      LoaderOf.load(TokenizersLibrary.class, fresh);
    } finally {
      // The mapping outlives the name.
      deleteQuietly(fresh);
      deleteQuietly(folder);
    }
  }

  private static void deleteQuietly(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // A left-over file in the temporary folder harms nobody.
    }
  }
}
