package dev.quern.spark;

import java.nio.file.Path;
import java.util.Iterator;
import org.apache.spark.SparkFiles;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.resource.ResourceInformation;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Prompts to answers, a partition at a time, in the order of the partition's rows. A prompt that
 * cannot be served has its reason in {@code error}; the others go on.
 */
public final class AnswerPrompts implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;

  /** Of an answer. */
  public static final StructType SCHEMA =
      new StructType()
          .add("id", DataTypes.StringType)
          .add("text", DataTypes.StringType)
          .add("finish_reason", DataTypes.StringType)
          .add("output_tokens", DataTypes.IntegerType)
          .add("error", DataTypes.StringType);

  private final Job job;

  private AnswerPrompts(Job job) {
    this.job = job;
  }

  /**
   * @param prompts with the columns {@code id} and {@code prompt}
   * @return {@link #SCHEMA}
   */
  public static Dataset<Row> of(Dataset<Row> prompts, Job job) {
    return prompts
        .selectExpr("cast(id as string)", "prompt")
        .mapPartitions(new AnswerPrompts(job), Encoders.row(SCHEMA));
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    TaskContext task = TaskContext.get();
    requireVisible(task.resourcesJMap().get("gpu"), System.getenv("CUDA_VISIBLE_DEVICES"));
    Path app = Path.of(job.app());
    if (!app.isAbsolute()) app = Path.of(SparkFiles.getRootDirectory()).resolve(app);
    Iterator<Object[]> answers =
        ExecutorModel.answer(
            job,
            app,
            new Iterator<>() {
              @Override
              public boolean hasNext() {
                return rows.hasNext();
              }

              @Override
              public String[] next() {
                Row row = rows.next();
                return new String[] {row.getString(0), row.getString(1)};
              }
            });
    task.addTaskCompletionListener(
        _ -> {
          try {
            ((AutoCloseable) answers).close();
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return answers.hasNext();
      }

      @Override
      public Row next() {
        return RowFactory.create(answers.next());
      }
    };
  }

  /**
   * Quern takes the first GPU that its process sees, so an executor must see no other than the one
   * it was given: a container does that, or {@code CUDA_VISIBLE_DEVICES} of its worker.
   *
   * @param gpu null where none was asked for
   */
  static void requireVisible(ResourceInformation gpu, String visible) {
    if (gpu == null) return;
    String address = gpu.addresses()[0];
    String first = visible == null ? "0" : visible.split(",")[0].strip();
    if (!address.equals(first) && !address.equals("0"))
      throw new IllegalStateException(
          ("the task was given GPU %s, but the executor's first GPU is %s: let each executor see"
                  + " one GPU alone (containers, or a worker a GPU with CUDA_VISIBLE_DEVICES)")
              .formatted(address, first));
  }
}
