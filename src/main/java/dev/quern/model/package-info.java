/**
 * From {@code config.json} to a model that runs: the config as data ({@link
 * dev.quern.model.ModelConfig}), the model as data ({@link dev.quern.model.ModelSpec}), the weights
 * it needs ({@link dev.quern.model.WeightPlan}), and the forward pass ({@link
 * dev.quern.model.DecoderModel}).
 */
package dev.quern.model;
