package dev.quern.text;

/**
 * A chat cannot be turned into a prompt: no template, a broken one, or one that refuses this chat.
 * The message is fit for a client.
 */
public final class ChatTemplateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ChatTemplateException(String message) {
    super(message);
  }

  ChatTemplateException(String message, Throwable cause) {
    super(message, cause);
  }
}
