package dev.quern.engine;

import dev.quern.backend.Batch;
import dev.quern.backend.BatchLimits;
import dev.quern.backend.Sampling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a request must come to: one token after the other over the whole list of ids. */
final class Reference {
  final int[] tokens;
  final List<Float> logprobs = new ArrayList<>();
  final FinishReason finish;

  Reference(int[] prompt, SamplingParams p, long seed, int[] eos, int vocabulary, int maxModelLen) {
    Sampling s = new Batch(new BatchLimits(1, 1, 1, 0)).sampling;
    int most = Math.min(maxModelLen - prompt.length, p.maxTokens() == null ? 9999 : p.maxTokens());
    int[] ids = Arrays.copyOf(prompt, prompt.length + most);
    int count = 0;
    boolean stopped = false;
    while (count < most && !stopped) {
      int length = prompt.length + count;
      float[] raw = FakeModel.logitsAfter(ids, length, vocabulary);
      float[] edited = raw.clone();
      s.banned[0] = count < p.minTokens() ? ends(p, eos) : null;
      p.logitBias().forEach((id, bias) -> edited[id] += bias);
      s.repetitionPenalty[0] = p.repetitionPenalty();
      s.frequencyPenalty[0] = p.frequencyPenalty();
      s.presencePenalty[0] = p.presencePenalty();
      s.history[0] = ids;
      s.historyLength[0] = length;
      s.promptLength[0] = prompt.length;
      if (p.allowedTokenIds() != null)
        for (int v = 0; v < vocabulary; v++)
          if (!p.allowedTokenIds().contains(v)) edited[v] = Float.NEGATIVE_INFINITY;
      FakeSampler.edit(edited, s, 0);
      int token = FakeSampler.choose(edited, p.temperature(), seed, count);
      logprobs.add(FakeSampler.logprob(raw, token));
      ids[prompt.length + count++] = token;
      boolean end = !p.ignoreEos() && Arrays.stream(eos).anyMatch(id -> id == token);
      stopped = count >= p.minTokens() && (end || p.stopTokenIds().contains(token));
    }
    tokens = Arrays.copyOfRange(ids, prompt.length, prompt.length + count);
    finish = stopped ? FinishReason.STOP : FinishReason.LENGTH;
  }

  private static int[] ends(SamplingParams p, int[] eos) {
    int[] all = Arrays.copyOf(eos, eos.length + p.stopTokenIds().size());
    for (int i = eos.length; i < all.length; i++) all[i] = p.stopTokenIds().get(i - eos.length);
    return all;
  }
}
