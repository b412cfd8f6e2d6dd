package dev.quern.settings;

/**
 * A setting that does not exist or has a value that is not allowed; the message names both and
 * where they came from.
 */
public final class SettingsException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  public SettingsException(String message) {
    super(message);
  }
}
