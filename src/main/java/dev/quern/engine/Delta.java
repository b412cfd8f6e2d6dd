package dev.quern.engine;

import java.util.List;

/**
 * What one output gained in a step.
 *
 * @param index which of the n outputs
 * @param tokens the new ids (one, or none when held back text is let go)
 * @param text the new text; empty while half a character or a possible stop string is held back
 * @param logprobs one per new id where asked for, else empty
 * @param finish null until the last delta of this output
 * @param stopReason the stop string (String) or the stop id (Integer) that ended it; null for the
 *     model's own end or another reason
 */
public record Delta(
    int index,
    int[] tokens,
    String text,
    List<TokenLogprobs> logprobs,
    FinishReason finish,
    Object stopReason) {}
