package dev.quern.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.quern.NpmProject;
import dev.quern.batch.ExitCode;
import dev.quern.batch.store.Shard;
import io.fabric8.knative.sinks.v1alpha1.JobSink;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobSpec;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyRule;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * The manifests under {@code jobs/}: Kubernetes' and Knative's against the types that are made from
 * their published schemas, where a field that the schema does not know is an error; Cloud Run's
 * against the types that Google makes from its own for TypeScript. Each one's arguments are those
 * of the command.
 */
class JobManifestsTest {
  private static final ObjectMapper YAML = new YAMLMapper();

  private static <T> T read(String file, Class<T> type) throws IOException, IllegalAccessException {
    T read = YAML.readValue(Path.of("jobs", file).toFile(), type);
    List<String> unknown = new ArrayList<>();
    findUnknown(read, file, unknown);
    assertEquals(List.of(), unknown, "fields that the schema does not know");
    return read;
  }

  private static void findUnknown(Object value, String path, List<String> unknown)
      throws IllegalAccessException {
    if (value instanceof List<?> list) {
      for (Object item : list) findUnknown(item, path + "[]", unknown);
    } else if (value instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> entry : map.entrySet())
        findUnknown(entry.getValue(), path + "." + entry.getKey(), unknown);
    } else if (value != null && value.getClass().getName().startsWith("io.fabric8.")) {
      for (Class<?> type = value.getClass(); type != Object.class; type = type.getSuperclass())
        for (Field field : type.getDeclaredFields()) {
          if (Modifier.isStatic(field.getModifiers()) || field.getType().isEnum()) continue;
          field.setAccessible(true);
          Object inner = field.get(value);
          if (field.getName().equals("additionalProperties")) {
            for (Object name : ((Map<?, ?>) inner).keySet()) unknown.add(path + "." + name);
          } else {
            findUnknown(inner, path + "." + field.getName(), unknown);
          }
        }
    }
  }

  @Test
  void theIndexedJobIsOne() throws Exception {
    Job job = read("kubernetes/indexed-job.yaml", Job.class);
    assertEquals("batch/v1", job.getApiVersion());
    assertTrue(job.getMetadata().getLabels().containsKey("kueue.x-k8s.io/queue-name"));
    JobSpec spec = job.getSpec();
    assertEquals("Indexed", spec.getCompletionMode());
    assertTrue(spec.getBackoffLimitPerIndex() > 0);
    assertTrue(spec.getMaxFailedIndexes() <= spec.getCompletions());
    checkPod(spec, "FailIndex");
    // Kubernetes gives the index, the count is ours to give.
    Container container = spec.getTemplate().getSpec().getContainers().getFirst();
    EnvVar count = container.getEnv().getFirst();
    Shard shard = Shard.of(Map.of("JOB_COMPLETION_INDEX", "7", count.getName(), count.getValue()));
    assertEquals(new Shard(7, spec.getCompletions()), shard);
  }

  @Test
  void theJobSinkIsOne() throws Exception {
    JobSink sink = read("knative/jobsink.yaml", JobSink.class);
    assertEquals("sinks.knative.dev/v1alpha1", sink.getApiVersion());
    checkPod(sink.getSpec().getJob().getSpec(), "FailJob");
  }

  private static void checkPod(JobSpec spec, String action) {
    var pod = spec.getTemplate().getSpec();
    assertEquals("Never", pod.getRestartPolicy(), "what a failure policy asks for");
    Container container = pod.getContainers().getFirst();
    assertEquals("1", container.getResources().getLimits().get("nvidia.com/gpu").toString());
    checkArguments(container.getArgs());
    List<PodFailurePolicyRule> rules = spec.getPodFailurePolicy().getRules();
    assertEquals("Ignore", rules.get(0).getAction());
    assertEquals("DisruptionTarget", rules.get(0).getOnPodConditions().getFirst().getType());
    assertEquals(action, rules.get(1).getAction());
    var onExit = rules.get(1).getOnExitCodes();
    assertEquals(container.getName(), onExit.getContainerName());
    assertEquals(List.of(ExitCode.USAGE, ExitCode.BAD_INPUT), onExit.getValues());
    Set<String> mounts = new TreeSet<>();
    container.getVolumeMounts().forEach(m -> mounts.add(m.getName()));
    Set<String> volumes = new TreeSet<>();
    pod.getVolumes().forEach(v -> volumes.add(v.getName()));
    assertEquals(volumes, mounts);
  }

  private static void checkArguments(List<String> args) {
    var parsed = Cli.commandLine(args).parseArgs(args.toArray(String[]::new));
    assertEquals("batch", parsed.subcommand().commandSpec().name());
    assertTrue(parsed.subcommand().matchedOptionValue("--output-file", "").endsWith("/"));
  }

  @Test
  void theCloudRunJobIsOne() throws Exception {
    JsonNode job = YAML.readTree(Path.of("jobs/cloudrun/job.yaml").toFile());
    assertEquals("run.googleapis.com/v1", job.get("apiVersion").textValue());
    JsonNode task = job.at("/spec/template/spec/template/spec");
    JsonNode container = task.at("/containers/0");
    List<String> args = new ArrayList<>();
    for (JsonNode arg : container.get("args")) args.add(arg.textValue());
    checkArguments(args);
    long deadline = Durations.parse(args.get(args.indexOf("--deadline") + 1)).toSeconds();
    assertTrue(deadline < Long.parseLong(task.get("timeoutSeconds").textValue()));
    assertEquals(
        task.at("/volumes/0/name").textValue(), container.at("/volumeMounts/0/name").textValue());
  }

  /** A field that the schema does not know, or of another type, does not compile. */
  @Test
  void googlesTypesAcceptTheCloudRunJob() throws Exception {
    NpmProject npm = NpmProject.withTypes("npm-cloudrun", "@googleapis/run@34.0.0");
    JsonNode job = YAML.readTree(Path.of("jobs/cloudrun/job.yaml").toFile());
    String source =
        "import type { run_v1 } from '@googleapis/run';\nexport const job: run_v1.Schema$Job = ";
    npm.write("job.ts", source + job + ";");
    assertEquals("", npm.errors("job.ts"));
    npm.write("job.ts", source + job.toString().replace("maxRetries", "maxRetrys") + ";");
    assertTrue(npm.errors("job.ts").contains("maxRetrys"), "an unknown field is refused");
  }
}
