package dev.quern.backend.cuda;

import dev.quern.backend.Batch;

/** What comes after the last layer: log-probabilities, masks, penalties, draws. */
final class CudaLogits {
  private static final int THREADS = 1024;

  private final StepInputs inputs;
  private final StepGraphs graphs;
  private final VocabularyRows vocabularyRows;
  private final KernelModule kernels;
  private final long stream;

  /** The raw logits of the step, for the logprobs of tokens not yet chosen. */
  private CudaTensor kept;

  CudaLogits(
      StepInputs inputs,
      StepGraphs graphs,
      VocabularyRows vocabularyRows,
      KernelModule kernels,
      long stream) {
    this.inputs = inputs;
    this.graphs = graphs;
    this.vocabularyRows = vocabularyRows;
    this.kernels = kernels;
    this.stream = stream;
  }

  void logprobs(CudaTensor logits, Batch batch, int fromRow) {
    DeviceSampling sampling = inputs.sampling(batch);
    if (!sampling.inputs().logprobs()) {
      return;
    }
    boolean prompt = fromRow >= batch.sampledRows;
    int rows = prompt ? logits.rows() : batch.sampledRows;
    // A prompt's targets are known, so nothing of its rows is kept beyond this.
    CudaTensor raw = prompt ? logits : vocabularyRows.kept(logits.rows(), logits.cols());
    if (!prompt) {
      kept = raw;
    }
    kernels
        .kernel("raw_logprobs", "ppppppii")
        .begin()
        .pointer(raw.address())
        .pointer(sampling.results().logSums(fromRow))
        .pointer(sampling.results().topIds(fromRow))
        .pointer(sampling.results().topValues(fromRow))
        .pointer(logits.address())
        .pointer(sampling.inputs().logprobRows(fromRow))
        .integer(logits.cols())
        .integer(sampling.results().width())
        .launch(rows, 1, 1, THREADS, 0, stream);
    sampling.results().keepWholeRows(raw, fromRow, rows, stream);
    if (prompt) {
      chosen(sampling, raw, fromRow, rows);
    }
  }

  void maskLogits(CudaTensor logits, Batch batch) {
    MaskSection masks = inputs.sampling(batch).inputs().masks();
    if (masks == null) {
      return;
    }
    Kernel kernel = kernels.kernel("mask_logits", "ppppppppii").begin().pointer(logits.address());
    masks
        .arguments(kernel)
        .integer(logits.cols())
        .integer(masks.words())
        .launch(batch.sampledRows, 1, 1, THREADS, 0, stream);
  }

  void applyPenalties(CudaTensor logits, Batch batch) {
    PenaltySection penalties = inputs.sampling(batch).inputs().penalties();
    if (penalties == null) {
      return;
    }
    kernels
        .kernel("penalize", "ppppi")
        .begin()
        .pointer(logits.address())
        .pointer(vocabularyRows.seen(batch.sampledRows, logits.cols()))
        .pointer(penalties.rows())
        .pointer(penalties.history())
        .integer(logits.cols())
        .launch(batch.sampledRows, 1, 1, THREADS, 0, stream);
  }

  void sample(CudaTensor logits, Batch batch) {
    DeviceSampling sampling = inputs.sampling(batch);
    kernels
        .kernel("sample", "pppi")
        .begin()
        .pointer(sampling.results().nextTokens())
        .pointer(logits.address())
        .pointer(sampling.inputs().sampleRows())
        .integer(logits.cols())
        .launch(logits.rows(), 1, 1, THREADS, 0, stream);
  }

  void chosenLogprobs(Batch batch) {
    DeviceSampling sampling = inputs.sampling(batch);
    if (sampling.inputs().logprobs() && batch.sampledRows > 0) {
      chosen(sampling, kept, 0, batch.sampledRows);
    }
    graphs.resultsReady(batch);
  }

  private void chosen(DeviceSampling sampling, CudaTensor raw, int fromRow, int rows) {
    kernels
        .kernel("chosen_logprobs", "ppppppi")
        .begin()
        .pointer(sampling.results().chosen(fromRow))
        .pointer(sampling.results().ranks(fromRow))
        .pointer(raw.address())
        .pointer(sampling.results().logSums(fromRow))
        .pointer(sampling.inputs().logprobRows(fromRow))
        .pointer(sampling.results().nextTokens())
        .integer(raw.cols())
        .launch(rows, 1, 1, THREADS, 0, stream);
  }
}
