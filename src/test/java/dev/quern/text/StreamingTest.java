package dev.quern.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Text that comes id by id is the text that comes at once; stop strings cut it at the same place
 * however it comes.
 */
class StreamingTest {
  private static final String[] WORDS = {
    "tale",
    " once",
    " 東京",
    "日本語",
    "😀",
    "👨‍👩‍👧‍👦",
    " été",
    "Ωμέγα",
    "\n\n",
    "  ",
    "<|im_end|>",
    "<|im_start|>",
    "Привет",
    " שלום",
    "한국어",
    ".",
    "🇩🇪",
    "x\u0000y",
    "\uFFFD",
    "नमस्ते"
  };

  private static Tokenizer tokenizer;

  @BeforeAll
  static void open() throws Exception {
    tokenizer = Tokenizer.open(TokenizerTest.BUILT_IN);
  }

  @AfterAll
  static void close() {
    tokenizer.close();
  }

  @Test
  void pushedIdsGiveTheWholeText() {
    Random random = new Random(5);
    for (int round = 0; round < 500; round++) {
      int[] ids = tokenizer.encode(text(random, 1 + random.nextInt(30)), false);
      boolean skip = random.nextBoolean();
      assertEquals(tokenizer.decode(ids, skip), streamed(ids, new int[0], skip));
    }
  }

  @Test
  void anyIdsGiveTheWholeText() {
    // Random ids are mostly broken bytes; ids out of the vocabulary are among them.
    Random random = new Random(6);
    for (int round = 0; round < 300; round++) {
      int bound = round % 3 == 0 ? 260 : 4100;
      int[] ids = random.ints(1 + random.nextInt(200), 0, bound).toArray();
      assertEquals(
          tokenizer.decode(ids, false), streamed(ids, new int[0], false), Arrays.toString(ids));
    }
  }

  @Test
  void aLongRunOfBrokenBytesIsGivenOutInBetween() {
    int half = tokenizer.encode("東", false)[0];
    int[] ids = new int[1000];
    Arrays.fill(ids, half);
    StreamDecoder decoder = new StreamDecoder(tokenizer, new int[0], false, true);
    int early = 0;
    for (int id : ids) early += decoder.push(id).length();
    assertTrue(early > 900, "only " + early + " characters before the end");
    assertEquals(tokenizer.decode(ids, false), streamed(ids, new int[0], false));
  }

  @Test
  void neverGivesOutHalfACharacter() {
    int[] ids = tokenizer.encode("é東😀👨‍👩‍👧‍👦नमस्ते", false);
    assertTrue(ids.length > 20, "the ids are bytes");
    StreamDecoder decoder = new StreamDecoder(tokenizer, new int[0], false, true);
    for (int id : ids) {
      String piece = decoder.push(id);
      assertFalse(piece.contains("\uFFFD"), piece);
      assertEquals(
          piece,
          new String(piece.codePoints().toArray(), 0, piece.codePointCount(0, piece.length())));
      if (!piece.isEmpty())
        assertFalse(Character.isHighSurrogate(piece.charAt(piece.length() - 1)));
    }
    assertEquals("", decoder.finish());
  }

  @Test
  void theEndOfAnUnfinishedCharacterComesWithFinish() {
    int[] ids = tokenizer.encode("東", false);
    StreamDecoder decoder = new StreamDecoder(tokenizer, new int[0], false, true);
    assertEquals("", decoder.push(ids[0]));
    assertEquals("\uFFFD", decoder.finish());
  }

  @Test
  void thePromptIsContextAndNotOutput() {
    int[] prompt = tokenizer.encode("Once upon a time 東", false);
    int[] ids = tokenizer.encode(" there was a fox", false);
    assertEquals(" there was a fox", streamed(ids, prompt, true));
  }

  private static String streamed(int[] ids, int[] prompt, boolean skip) {
    StreamDecoder decoder = new StreamDecoder(tokenizer, prompt, skip, true);
    StringBuilder text = new StringBuilder();
    for (int id : ids) text.append(decoder.push(id));
    return text.append(decoder.finish()).toString();
  }

  @Test
  void stopsAtTheSamePlaceHoweverTheTextIsCut() {
    Random random = new Random(7);
    for (int round = 0; round < 2000; round++) {
      String text = letters(random, random.nextInt(30));
      List<String> stops = new ArrayList<>();
      for (int i = random.nextInt(4); i >= 0; i--)
        stops.add(letters(random, 1 + random.nextInt(4)));
      boolean include = random.nextBoolean();
      StopMatcher matcher = new StopMatcher(stops, include);
      StringBuilder given = new StringBuilder();
      for (int at = 0; at < text.length() && matcher.matched() == null; ) {
        int to = Math.min(text.length(), at + random.nextInt(6));
        given.append(matcher.push(text.substring(at, to), true));
        at = to;
      }
      given.append(matcher.finish());
      String why = text + " " + stops + " include=" + include;
      assertEquals(firstStop(text, stops), matcher.matched(), why);
      assertEquals(cut(text, stops, include), given.toString(), why);
    }
  }

  /** The stop that is complete first; of several, the one first in the list. */
  private static String firstStop(String text, List<String> stops) {
    for (int end = 1; end <= text.length(); end++)
      for (String stop : stops) if (text.substring(0, end).endsWith(stop)) return stop;
    return null;
  }

  private static String cut(String text, List<String> stops, boolean include) {
    for (int end = 1; end <= text.length(); end++) {
      for (String stop : stops) {
        if (text.substring(0, end).endsWith(stop))
          return text.substring(0, include ? end : end - stop.length());
      }
    }
    return text;
  }

  @Test
  void idsToStoppedTextIsTheWholeTextCut() {
    Random random = new Random(8);
    for (int round = 0; round < 300; round++) {
      String text = text(random, 20);
      int[] ids = tokenizer.encode(text, false);
      List<String> stops = List.of(WORDS[random.nextInt(WORDS.length)], "京日");
      StreamDecoder decoder = new StreamDecoder(tokenizer, new int[0], false, true);
      StopMatcher matcher = new StopMatcher(stops, false);
      StringBuilder given = new StringBuilder();
      for (int id : ids) given.append(matcher.push(decoder.push(id), true));
      given.append(matcher.push(decoder.finish(), true)).append(matcher.finish());
      assertEquals(cut(tokenizer.decode(ids, false), stops, false), given.toString());
    }
  }

  @Test
  void holdsBackWhatMayBecomeAStop() {
    StopMatcher matcher = new StopMatcher(List.of("END"), false);
    assertEquals("ab", matcher.push("abcE", true));
    assertEquals("c", matcher.push("N", true));
    assertEquals("", matcher.push("D!", true));
    assertEquals("END", matcher.matched());
    assertEquals("", matcher.push("more", true));
    assertEquals("", matcher.finish());
  }

  @Test
  void doesNotSplitASurrogatePair() {
    StopMatcher matcher = new StopMatcher(List.of("xy"), false);
    assertEquals("a", matcher.push("a😀", true));
    assertEquals("😀", matcher.push("b", true));
    assertEquals("b", matcher.finish());
  }

  @Test
  void passesOverStopsWhileTheyDoNotCount() {
    StopMatcher matcher = new StopMatcher(List.of("ab"), false);
    String given = matcher.push("ab", false) + matcher.push("a", false);
    assertNull(matcher.matched());
    given += matcher.push("bc", true);
    assertEquals("ab", matcher.matched());
    assertEquals("ab", given + matcher.finish());
  }

  @Test
  void refusesAnEmptyStop() {
    assertThrows(IllegalArgumentException.class, () -> new StopMatcher(List.of(""), false));
  }

  private static String text(Random random, int words) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < words; i++) text.append(WORDS[random.nextInt(WORDS.length)]);
    return text.toString();
  }

  private static String letters(Random random, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) text.append((char) ('a' + random.nextInt(3)));
    return text.toString();
  }
}
