package dev.quern.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.engine.Delta;
import dev.quern.engine.EngineLostException;
import dev.quern.engine.GenerationListener;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A slow reader loses nothing, a failed engine or a cancelled call never leaves it waiting. */
@Timeout(20)
class ChunkQueueTest {
  private static Delta token(int index, int id) {
    return new Delta(index, new int[] {id}, id + ",", List.of(), null, null);
  }

  @Test
  void staysBoundedAndLosesNothing() throws Exception {
    ChunkQueue queue = new ChunkQueue(2, 2);
    GenerationListener second = queue.listener(1);
    StringBuilder expected = new StringBuilder();
    for (int id = 0; id < 5000; id++) {
      second.onDelta(token(id % 2, id));
      if (id % 2 == 1) expected.append(id).append(',');
    }
    second.onDone(null);
    queue.listener(0).onDone(null);
    List<Delta> taken = queue.take();
    assertTrue(taken.size() <= 256, "waiting: " + taken.size());
    StringBuilder text = new StringBuilder();
    int tokens = 0;
    for (Delta delta : taken) {
      assertTrue(delta.index() == 2 || delta.index() == 3, "choices of the second prompt");
      tokens += delta.tokens().length;
      if (delta.index() == 3) text.append(delta.text());
    }
    assertEquals(5000, tokens);
    assertEquals(expected.toString(), text.toString());
    assertTrue(queue.take().isEmpty(), "the end");
  }

  @Test
  void failureComesAfterWhatWasThere() throws Exception {
    ChunkQueue queue = new ChunkQueue(1, 1);
    queue.listener(0).onDelta(token(0, 1));
    queue.listener(0).onError(new EngineLostException("gone", null));
    assertEquals(1, queue.take().size());
    assertThrows(EngineLostException.class, queue::take);
  }

  @Test
  void closingWakesTheReader() throws Exception {
    ChunkQueue queue = new ChunkQueue(1, 1);
    Thread.ofVirtual().start(queue::close);
    assertTrue(queue.take().isEmpty());
    assertTrue(queue.isClosed());
  }
}
