/** From a model's name to a folder of files: built in, local, in the Hugging Face cache. */
package dev.quern.hub;
