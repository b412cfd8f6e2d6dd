package dev.quern.spark;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.spark.launcher.JavaModuleOptions;
import org.apache.spark.resource.ResourceInformation;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The built-in model in Spark: in this process, and in executors that are given GPUs to run on. */
class AnswerPromptsTest {
  private static final int PROMPTS = 40;
  private static final String MODEL = "quern/tales-5m";
  private static final String QUERN_FLAGS =
      "--add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED";

  @TempDir Path folder;

  private static SparkSession.Builder session(String master) {
    return SparkSession.builder()
        .master(master)
        .appName("quern test")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "4");
  }

  private static Job job(String app) {
    return new Job(app, MODEL, Map.of("device", "cpu"), 12, 0f);
  }

  private static Dataset<Row> prompts(SparkSession spark) {
    return spark
        .range(0, PROMPTS, 1, 4)
        .selectExpr(
            "id", "if(id = 7, repeat('word ', 9000), concat('Once there were ', id)) as prompt");
  }

  @Test
  void threadsOfOneProcessShareAModel() throws IOException {
    try (SparkSession spark = session("local[2]").getOrCreate()) {
      List<Row> answers =
          AnswerPrompts.of(prompts(spark), job(System.getProperty("test.app"))).collectAsList();
      check(answers);
      // A job that runs again finds the model loaded, and says the same.
      List<Row> again =
          AnswerPrompts.of(prompts(spark), job(System.getProperty("test.app"))).collectAsList();
      assertEquals(answers, again);
    }
  }

  @Test
  void executorsRunOnTheGpusTheyAreGiven() throws Exception {
    Path archive = zip(Path.of(System.getProperty("test.app")));
    SparkSession.Builder session =
        session("local-cluster[2,2,1024]")
            .config("spark.jars", System.getProperty("test.jar"))
            .config("spark.archives", archive + "#quern")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.worker.resource.gpu.amount", "1")
            .config("spark.worker.resource.gpu.discoveryScript", "" + script())
            .config("spark.executor.cores", "2")
            .config("spark.executor.memory", "1g")
            .config("spark.executor.resource.gpu.amount", "1")
            // Two tasks share the executor's GPU, and its model.
            .config("spark.task.resource.gpu.amount", "0.5")
            .config("spark.executorEnv.SPARK_LOCAL_IP", "127.0.0.1")
            .config(
                "spark.executor.extraJavaOptions",
                QUERN_FLAGS + " " + JavaModuleOptions.defaultModuleOptions());
    try (SparkSession spark = session.getOrCreate()) {
      check(AnswerPrompts.of(prompts(spark), job("quern")).collectAsList());
    }
  }

  private static void check(List<Row> answers) {
    assertEquals(PROMPTS, answers.size());
    Map<String, String> texts = new HashMap<>();
    for (int i = 0; i < PROMPTS; i++) {
      Row row = answers.get(i);
      assertEquals("" + i, row.getString(0), "in the order of the prompts");
      if (i == 7) {
        assertNull(row.getString(1));
        assertTrue(row.getString(4).contains("token"), row.getString(4));
        continue;
      }
      assertNull(row.getString(4), row.getString(4));
      assertNotNull(row.getString(1));
      assertEquals(row.getString(2).equals("length"), row.getInt(3) == 12, row.toString());
      texts.put(row.getString(0), row.getString(1));
    }
    assertEquals(expected(), texts);
  }

  /** What the library gives without Spark. */
  private static Map<String, String> expected() {
    List<String[]> prompts = new ArrayList<>();
    for (int i = 0; i < PROMPTS; i++)
      if (i != 7) prompts.add(new String[] {"" + i, "Once there were " + i});
    Map<String, String> texts = new HashMap<>();
    ExecutorModel.answer(
            job(System.getProperty("test.app")),
            Path.of(System.getProperty("test.app")),
            prompts.iterator())
        .forEachRemaining(answer -> texts.put((String) answer[0], (String) answer[1]));
    return texts;
  }

  /** Prints what a worker has, in the form that Spark asks for. */
  private Path script() throws IOException {
    Path script = folder.resolve("gpus");
    Files.writeString(script, "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"0\"]}'\n");
    return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Path zip(Path app) throws IOException {
    Path archive = folder.resolve("quern.zip");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
      zip.setLevel(0);
      for (String part : List.of("app", "lib"))
        try (var files = Files.walk(app.resolve(part))) {
          for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
            zip.putNextEntry(new ZipEntry(app.relativize(file).toString()));
            Files.copy(file, zip);
          }
        }
    }
    return archive;
  }

  @Test
  void aGpuThatIsNotTheFirstToBeSeenIsRefused() {
    ResourceInformation second = new ResourceInformation("gpu", new String[] {"1"});
    IllegalStateException refused =
        assertThrows(IllegalStateException.class, () -> AnswerPrompts.requireVisible(second, null));
    assertTrue(refused.getMessage().contains("was given GPU 1"), refused.getMessage());
    assertDoesNotThrow(() -> AnswerPrompts.requireVisible(second, "1"));
    assertDoesNotThrow(() -> AnswerPrompts.requireVisible(null, null));
  }
}
