/**
 * Where a job's results are kept, and how it finds its way after a kill: {@link
 * dev.quern.batch.store.Output} is what a job writes to, {@link dev.quern.batch.store.ResultLog} a
 * file that only grows, {@link dev.quern.batch.store.SegmentFolder} a folder of finished pieces.
 * Everything goes through {@link dev.quern.batch.store.Disk}, so that tests can break it.
 */
package dev.quern.batch.store;
