package dev.quern.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
  @TempDir Path folder;
  private final Map<String, String> environment = new HashMap<>();
  private final Map<String, String> properties = new HashMap<>();
  private final List<String> warnings = new ArrayList<>();

  private QuernConfig load(String... flags) {
    var map = new HashMap<String, String>();
    for (int i = 0; i < flags.length; i += 2) {
      map.put(flags[i], flags[i + 1]);
    }
    return Settings.load(map, environment, properties, folder, warnings::add);
  }

  private String error(String... flags) {
    return assertThrows(SettingsException.class, () -> load(flags)).getMessage();
  }

  @Test
  void defaultsArePinned() {
    QuernConfig config = load();
    ModelSettings model = config.model();
    assertEquals("quern/tales-5m", model.name());
    assertEquals(List.of("quern/tales-5m"), model.servedNames());
    assertEquals(Optional.empty(), model.servedModelName());
    assertEquals(Optional.empty(), model.revision());
    assertEquals(Optional.empty(), model.tokenizer());
    assertEquals(Optional.empty(), model.tokenizerRevision());
    assertEquals("auto", model.tokenizerMode());
    assertEquals(false, model.skipTokenizerInit());
    assertEquals(Optional.empty(), model.hfConfigPath());
    assertEquals(Optional.empty(), model.hfOverrides());
    assertEquals(Optional.empty(), model.hfToken());
    assertEquals(Optional.empty(), model.downloadDir());
    assertEquals("auto", model.configFormat());
    assertEquals("auto", model.loadFormat());
    assertEquals("auto", model.dtype());
    assertEquals(OptionalInt.empty(), model.maxModelLen());
    assertEquals("auto", model.generationConfig());
    assertEquals(Optional.empty(), model.overrideGenerationConfig());
    assertEquals(Optional.empty(), config.chat().chatTemplate());
    assertEquals("auto", config.chat().chatTemplateContentFormat());
    assertEquals(false, config.chat().trustRequestChatTemplate());
    assertEquals("assistant", config.chat().responseRole());
    assertEquals(OptionalInt.empty(), config.engine().maxNumSeqs());
    assertEquals(OptionalInt.empty(), config.engine().maxNumBatchedTokens());
    assertEquals(1024, config.engine().maxNumQueuedReqs());
    assertEquals(16, config.engine().blockSize());
    assertEquals(true, config.engine().enablePrefixCaching());
    assertEquals(true, config.engine().enableChunkedPrefill());
    assertEquals(0, config.engine().seed());
    assertEquals(20, config.engine().maxLogprobs());
    assertEquals("auto", config.device().device());
    assertEquals(0, config.device().threads());
    assertEquals(OptionalLong.empty(), config.device().kvCacheMemoryBytes());
    assertEquals(0.92, config.device().gpuMemoryUtilization());
    assertEquals("0.0.0.0", config.server().host());
    assertEquals(8000, config.server().port());
    assertEquals(Optional.empty(), config.server().apiKey());
    assertEquals(false, config.server().enablePromptTokensDetails());
    assertEquals(false, config.server().enableForceIncludeUsage());
    assertEquals(8, config.server().shutdownTimeout());
    assertEquals(List.of(), warnings);
  }

  /**
   * Each declared flag reaches the mapping's method of the same name, with a value that is not its
   * default.
   */
  @Test
  void everyFlagIsMapped() throws ReflectiveOperationException {
    for (FlagSpec flag : Flags.all()) {
      String value = other(flag);
      QuernConfig config = load(flag.name(), value);
      Object before = read(load(), flag);
      Object after = read(config, flag);
      assertTrue(!after.equals(before), "--" + flag.name() + " " + value + " changed nothing");
    }
  }

  private static String other(FlagSpec flag) {
    if (!flag.oneOf().isEmpty()) {
      return flag.oneOf().getLast();
    }
    return switch (flag.kind()) {
      case TEXT -> "other";
      case JSON -> "{\"a\":1}";
      case LIST -> "one,two";
      case SWITCH -> flag.defaultValue().equals("true") ? "false" : "true";
      case INT, LONG -> "7";
      case DECIMAL -> "0.5";
    };
  }

  private static Object read(QuernConfig config, FlagSpec flag)
      throws ReflectiveOperationException {
    String name = flag.name().equals("model") ? "name" : camel(flag.name());
    Object[] groups = {
      config.model(), config.chat(), config.engine(), config.device(), config.server()
    };
    Class<?>[] types = {
      ModelSettings.class,
      ChatSettings.class,
      EngineFlags.class,
      DeviceSettings.class,
      ServerSettings.class
    };
    for (int i = 0; i < groups.length; i++) {
      for (var method : types[i].getDeclaredMethods()) {
        if (method.getName().equals(name)) {
          return method.invoke(groups[i]);
        }
      }
    }
    throw new AssertionError(flag.name());
  }

  private static String camel(String name) {
    var out = new StringBuilder();
    for (String word : name.split("-")) {
      out.append(out.isEmpty() ? word : word.substring(0, 1).toUpperCase() + word.substring(1));
    }
    return out.toString();
  }

  @Test
  void flagBeatsPropertyBeatsEnvironmentBeatsPortBeatsFile() throws IOException {
    Files.writeString(
        folder.resolve("application.properties"), "quern.port=1\nquarkus.log.level=INFO\n");
    assertEquals(1, load().server().port());
    Files.writeString(folder.resolve("quern.properties"), "quern.port=2\n");
    assertEquals(2, load().server().port());
    environment.put("PORT", "3");
    assertEquals(3, load().server().port());
    environment.put("QUERN_PORT", "4");
    assertEquals(4, load().server().port());
    properties.put("quern.port", "5");
    assertEquals(5, load().server().port());
    assertEquals(6, load("port", "6").server().port());
  }

  @Test
  void flagsOnlyReadsNothingElse() {
    System.setProperty("quern.port", "5");
    try {
      assertEquals(8000, Settings.flagsOnly(Map.of()).server().port());
      assertEquals(6, Settings.flagsOnly(Map.of("port", "6")).server().port());
    } finally {
      System.clearProperty("quern.port");
    }
  }

  @Test
  void configFileReplacesTheFolders() throws IOException {
    Files.writeString(folder.resolve("quern.properties"), "quern.port=2\n");
    Files.writeString(
        folder.resolve("c.yaml"),
        """
        # as vLLM writes it
        model: "some/model"   # quoted
        max_num_seqs: 3
        served-model-name: [a, 'b,c']
        api-key:
          - k1
          - k2
        enforce-eager: true
        """);
    QuernConfig config = load("config", "c.yaml");
    assertEquals(8000, config.server().port());
    assertEquals("some/model", config.model().name());
    assertEquals(OptionalInt.of(3), config.engine().maxNumSeqs());
    assertEquals(List.of("a", "b,c"), config.model().servedNames());
    assertEquals(Optional.of(List.of("k1", "k2")), config.server().apiKey());
    assertEquals(
        List.of(
            "enforce-eager in "
                + folder.resolve("c.yaml")
                + " has no meaning here: nothing is compiled at start"),
        warnings);
    environment.put("QUERN_CONFIG", "c.yaml");
    assertEquals("some/model", load().model().name());
    Files.writeString(folder.resolve("d.yaml"), "model: a\n  nested: b\n");
    assertEquals(
        folder.resolve("d.yaml") + ", line 2: expected \"flag: value\", found \"  nested: b\"",
        error("config", "d.yaml"));
    assertTrue(error("config", "none.yaml").contains("none.yaml"));
  }

  @Test
  void sizesHaveSuffixes() {
    assertEquals(OptionalInt.of(32000), load("max-model-len", "32k").model().maxModelLen());
    assertEquals(OptionalInt.of(32768), load("max-model-len", "32K").model().maxModelLen());
    assertEquals(OptionalInt.of(25600), load("max-model-len", "25.6k").model().maxModelLen());
    assertEquals(OptionalInt.of(-1), load("max-model-len", "auto").model().maxModelLen());
    assertEquals(OptionalInt.of(-1), load("max-model-len", "-1").model().maxModelLen());
    assertEquals(
        OptionalLong.of(4L << 30),
        load("kv-cache-memory-bytes", "4G").device().kvCacheMemoryBytes());
  }

  @Test
  void switchesCanBeNegated() {
    assertEquals(false, load("no-enable-prefix-caching", "true").engine().enablePrefixCaching());
    environment.put("QUERN_ENABLE_PREFIX_CACHING", "0");
    assertEquals(false, load().engine().enablePrefixCaching());
    assertEquals(true, load("enable-prefix-caching", "true").engine().enablePrefixCaching());
  }

  @Test
  void badValuesNameSettingValuePlaceAndWhatIsAllowed() throws IOException {
    assertEquals("--max-num-seqs: \"abc\" is not a whole number", error("max-num-seqs", "abc"));
    assertEquals("--max-num-seqs: \"0\" must be between 1 and 65536", error("max-num-seqs", "0"));
    assertEquals("--max-num-seqs: \"1.5\" is not a whole number", error("max-num-seqs", "1.5"));
    assertEquals(
        "--max-model-len: \"9t\" must be between 1 and 2147483647", error("max-model-len", "9t"));
    assertEquals(
        "--max-model-len: \"none\" is not a whole number or auto", error("max-model-len", "none"));
    assertEquals("--port: \"70000\" must be between 0 and 65535", error("port", "70000"));
    assertEquals(
        "--gpu-memory-utilization: \"1.5\" must be between 0.01 and 1",
        error("gpu-memory-utilization", "1.5"));
    assertEquals("--device: \"tpu\" is not one of auto, cuda, cpu", error("device", "tpu"));
    assertEquals(
        "--enable-prefix-caching: \"maybe\" is not true or false",
        error("enable-prefix-caching", "maybe"));
    assertTrue(
        error("hf-overrides", "{\"a\":")
            .startsWith("--hf-overrides: \"{\"a\":\" is not a JSON object: "));
    assertEquals("--hf-overrides: \"[]\" is not a JSON object", error("hf-overrides", "[]"));
    environment.put("QUERN_BLOCK_SIZE", "-1");
    assertEquals("QUERN_BLOCK_SIZE in the environment: \"-1\" must be between 1 and 1024", error());
    environment.clear();
    environment.put("PORT", "http");
    assertEquals("PORT in the environment: \"http\" is not a whole number", error());
    environment.clear();
    Files.writeString(folder.resolve("quern.properties"), "quern.dtype=int8\n");
    assertEquals(
        "quern.dtype in "
            + folder.resolve("quern.properties")
            + ": \"int8\" is not one of auto, bfloat16, float16, half, float32, float",
        error());
  }

  @Test
  void unknownNamesFailWithTheNearest() throws IOException {
    assertEquals(
        "unknown setting --max-model-length; did you mean --max-model-len?",
        error("max-model-length", "1"));
    assertEquals("unknown setting --xyzzy", error("xyzzy", "1"));
    environment.put("QUERN_MAX_NUM_SEQ", "1");
    assertEquals(
        "unknown setting QUERN_MAX_NUM_SEQ in the environment; did you mean QUERN_MAX_NUM_SEQS in"
            + " the environment?",
        error());
    environment.clear();
    Files.writeString(folder.resolve("quern.properties"), "quern.prot=1\n");
    assertTrue(error().startsWith("unknown setting quern.prot in "));
  }

  @Test
  void variablesOfOthersAreLeftAlone() {
    environment.put("QUERN_JAVA_HOME", "/jdk");
    environment.put("QUERN_JAVA_OPTS", "-Xmx1g");
    environment.put("QUERN_TEST_SMOLLM2", "/m");
    environment.put("QUERN_TEST_FUZZ", "1");
    // Kubernetes adds these for a service that is named quern.
    environment.put("QUERN_SERVICE_HOST", "10.0.0.1");
    environment.put("QUERN_PORT", "tcp://10.0.0.1:80");
    environment.put("QUERN_PORT_80_TCP_ADDR", "10.0.0.1");
    assertEquals(8000, load().server().port());
  }

  @Test
  void vllmFlagsWithoutMeaningWarnAndOthersAreRefused() {
    load("trust-remote-code", "true", "swap-space", "4", "tensor-parallel-size", "1");
    assertEquals(2, warnings.size());
    assertTrue(
        warnings.contains(
            "--swap-space has no meaning here: preempted sequences are computed again, not"
                + " swapped"));
    assertEquals(
        "--tensor-parallel-size: not supported by Quern: models run on one device",
        error("tensor-parallel-size", "2"));
    assertEquals(
        "--quantization: not supported by Quern: quantised weights are not supported yet",
        error("quantization", "awq"));
  }

  @Test
  void vllmTableAndDeclaredFlagsAreDisjoint() {
    for (VllmFlag flag : VllmFlags.all()) {
      assertEquals(null, Flags.find(flag.name()), flag.name());
    }
  }

  @Test
  void secretsAreNotShown() {
    assertTrue(!load("api-key", "k,e,y").server().apiKey().isEmpty());
    for (FlagSpec flag : Flags.all()) {
      assertEquals(flag.name().equals("api-key") || flag.name().equals("hf-token"), flag.secret());
    }
  }

  @Test
  void valuesAreTakenAsTheyStand() {
    assertEquals(
        Optional.of("{{ a }}${x}, $$ \\n"),
        load("chat-template", "{{ a }}${x}, $$ \\n").chat().chatTemplate());
    assertEquals(
        Optional.of("{\"a\": [1, 2]}"),
        load("hf-overrides", "{\"a\": [1, 2]}").model().hfOverrides());
  }
}
