/** From a model's name to a running engine, and which models are loaded. */
package dev.quern.cache;
