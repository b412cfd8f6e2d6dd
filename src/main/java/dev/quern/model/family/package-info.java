/**
 * The families of models, one small file of data each: where a config's numbers go in the {@link
 * dev.quern.model.ModelSpec}, and what the checkpoint calls its tensors. {@link
 * dev.quern.model.family.Families} is the registry.
 */
package dev.quern.model.family;
