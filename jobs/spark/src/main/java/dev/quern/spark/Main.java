package dev.quern.spark;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * JSON lines with {@code id} and {@code prompt} in, JSON lines with answers out: {@code APP MODEL
 * INPUT OUTPUT MAX_TOKENS [--FLAG=VALUE …]}.
 */
public final class Main {
  private Main() {}

  public static void main(String[] args) throws IOException {
    if (args.length < 5)
      throw new IllegalArgumentException("APP MODEL INPUT OUTPUT MAX_TOKENS [--FLAG=VALUE ...]");
    Map<String, String> flags = new HashMap<>();
    for (int i = 5; i < args.length; i++) {
      if (!args[i].startsWith("--")) throw new IllegalArgumentException(args[i]);
      String[] both = args[i].substring(2).split("=", 2);
      flags.put(both[0], both.length == 1 ? "true" : both[1]);
    }
    Job job = new Job(args[0], args[1], flags, Integer.parseInt(args[4]), null);
    try (SparkSession spark = SparkSession.builder().appName("quern").getOrCreate()) {
      Dataset<Row> prompts = spark.read().schema("id string, prompt string").json(args[2]);
      AnswerPrompts.of(prompts, job).write().json(args[3]);
    }
  }
}
