package dev.quern.openai;

/**
 * A prompt for the engine.
 *
 * @param text what the ids were made of, or null where they came as ids or were cut
 */
record Prompt(int[] ids, String text) {}
