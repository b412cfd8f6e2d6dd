package dev.quern.cli;

import dev.quern.settings.Version;
import picocli.CommandLine.IVersionProvider;

/** What {@code quern --version} prints. */
final class VersionLine implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {"quern " + Version.current()};
  }
}
