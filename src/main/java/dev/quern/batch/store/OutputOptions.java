package dev.quern.batch.store;

/**
 * How an output is opened.
 *
 * @param shard whose lines it holds
 * @param overwrite what is there is deleted first
 * @param retryFailed lines that failed run again; a success takes the failure's place
 * @param holder what another process is told of this one
 */
public record OutputOptions(Shard shard, boolean overwrite, boolean retryFailed, String holder) {}
