package dev.quern.cli;

import java.util.concurrent.Callable;

/** A command that takes Quern's settings beside its own options. */
interface SettingsCommand extends Callable<Integer> {
  /** The options that come from the settings; the same object at every call. */
  SettingsOptions settings();
}
