/**
 * The engine: one loop per loaded model. A queue is the only door in: {@link
 * dev.quern.engine.Engine#submit}. Each step is planned by {@code schedule}, run by the model on a
 * backend, and its tokens are handed out to {@link dev.quern.engine.Generation}s.
 */
package dev.quern.engine;
