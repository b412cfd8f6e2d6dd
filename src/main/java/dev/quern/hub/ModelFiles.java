package dev.quern.hub;

import java.nio.file.Path;

/**
 * A model's files on this machine.
 *
 * @param name the name that was asked for
 * @param folder holds {@code config.json} and the rest
 * @param commit the commit hash of a model of the hub, or null
 * @param builtIn shipped with Quern
 */
public record ModelFiles(String name, Path folder, String commit, boolean builtIn) {}
