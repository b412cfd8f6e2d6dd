/**
 * The batch job: JSONL prompts in, one JSONL result line for each out. {@link
 * dev.quern.batch.BatchJob} is the door; lines flow from {@link dev.quern.batch.LineReader} through
 * {@link dev.quern.batch.BatchLine} (what a line asks for) and an {@link dev.quern.batch.Answerer}
 * (the model) to {@link dev.quern.batch.Results}, which know the lines of earlier attempts. {@link
 * dev.quern.batch.Flow} bounds what is in flight.
 */
package dev.quern.batch;
