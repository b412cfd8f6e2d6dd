package dev.quern.batch;

/**
 * One line of the input that is not blank.
 *
 * @param number counted from 1, blank lines included, as an editor shows it
 * @param bytes without the line end; null when it is longer than the limit
 * @param lengthBytes its length, also when it was too long to keep
 */
record Line(long number, byte[] bytes, long lengthBytes) {}
