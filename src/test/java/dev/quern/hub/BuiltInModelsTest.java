package dev.quern.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuiltInModelsTest {
  private static final String NAME = "quern/tales-5m";

  @TempDir Path home;

  private Environment environment(Path cache) {
    return new Environment(Map.of("XDG_CACHE_HOME", cache.toString()), home, home.resolve("tmp"));
  }

  private Path extract(Environment environment) throws IOException {
    return BuiltInModels.extracted(NAME, "models/" + NAME + "/", environment);
  }

  private static void assertSameAsResources(Path folder) throws IOException {
    List<String> names;
    try (var files = Files.list(folder)) {
      names = files.map(file -> file.getFileName().toString()).sorted().toList();
    }
    assertTrue(names.contains("config.json") && names.contains("model.safetensors"), "" + names);
    for (String name : names)
      try (var in =
          BuiltInModels.class.getClassLoader().getResourceAsStream("models/" + NAME + "/" + name)) {
        assertTrue(
            java.util.Arrays.equals(in.readAllBytes(), Files.readAllBytes(folder.resolve(name))),
            name);
      }
  }

  @Test
  void usesResourcesThatAreFilesInPlace() {
    Path folder = BuiltInModels.folder(NAME, environment(home.resolve("cache")));
    assumeFalse(folder.startsWith(home), "the resources are in a jar here");
    assertTrue(Files.isRegularFile(folder.resolve("config.json")));
  }

  @Test
  void extractsOncePerContent() throws IOException {
    Environment environment = environment(home.resolve("cache"));
    Path folder = extract(environment);
    assertTrue(folder.startsWith(home.resolve("cache/quern/models/quern--tales-5m")));
    assertSameAsResources(folder);
    FileTime before = Files.getLastModifiedTime(folder.resolve("model.safetensors"));
    assertEquals(folder, extract(environment));
    assertEquals(before, Files.getLastModifiedTime(folder.resolve("model.safetensors")));
  }

  @Test
  void repairsAFolderThatLostFilesAndLeavesNothingElse() throws IOException {
    Environment environment = environment(home.resolve("cache"));
    Path folder = extract(environment);
    Files.delete(folder.resolve("tokenizer.json"));
    assertEquals(folder, extract(environment));
    assertSameAsResources(folder);
    try (var siblings = Files.list(folder.getParent())) {
      assertEquals(List.of(folder), siblings.toList());
    }
  }

  @Test
  void manyAtOnceEndWithOneFolder() throws Exception {
    Environment environment = environment(home.resolve("cache"));
    try (var threads = Executors.newFixedThreadPool(8)) {
      List<Callable<Path>> tasks = new ArrayList<>();
      for (int i = 0; i < 8; i++) tasks.add(() -> extract(environment));
      Path folder = null;
      for (Future<Path> done : threads.invokeAll(tasks)) {
        assertTrue(folder == null || folder.equals(done.get()));
        folder = done.get();
      }
      assertSameAsResources(folder);
      try (var siblings = Files.list(folder.getParent())) {
        assertEquals(List.of(folder), siblings.toList());
      }
    }
  }

  @Test
  void fallsBackToAPrivateTemporaryFolder() throws IOException {
    Path notAFolder = Files.createFile(home.resolve("file"));
    Files.createDirectories(home.resolve("tmp"));
    Path folder = extract(environment(notAFolder));
    assertTrue(folder.startsWith(home.resolve("tmp/quern-" + System.getProperty("user.name"))));
    Path parent = folder.getParent().getParent();
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(parent)));
    assertSameAsResources(folder);
  }

  @Test
  void doesNotTrustALinkInTheTemporaryFolder() throws IOException {
    Path notAFolder = Files.createFile(home.resolve("file"));
    Path elsewhere = Files.createDirectories(home.resolve("elsewhere"));
    Path trap =
        Files.createDirectories(home.resolve("tmp"))
            .resolve("quern-" + System.getProperty("user.name"));
    Files.createSymbolicLink(trap, elsewhere);
    Path folder = extract(environment(notAFolder));
    assertNotEquals(trap, folder.getParent().getParent());
    try (var files = Files.list(elsewhere)) {
      assertEquals(0, files.count());
    }
  }
}
