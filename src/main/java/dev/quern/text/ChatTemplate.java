package dev.quern.text;

import dev.quern.text.jinja.Template;
import dev.quern.text.jinja.TemplateException;
import java.time.Clock;
import java.util.Map;
import java.util.Set;

/**
 * A model's chat template, a Jinja program that turns messages into a prompt; renders as
 * transformers' {@code apply_chat_template} does, character by character. Parse once, render from
 * any thread.
 */
public final class ChatTemplate {
  private final String source;
  private final Template template;
  private final Clock clock;

  private ChatTemplate(String source, Template template, Clock clock) {
    this.source = source;
    this.template = template;
    this.clock = clock;
  }

  /**
   * @throws ChatTemplateException where the source is not a template; the message names the line
   */
  public static ChatTemplate parse(String source) {
    return parse(source, Clock.systemDefaultZone());
  }

  /**
   * @param clock what templates read that write the date into the prompt
   */
  public static ChatTemplate parse(String source, Clock clock) {
    try {
      return new ChatTemplate(source, Template.parse(source), clock);
    } catch (TemplateException e) {
      throw new ChatTemplateException("the chat template cannot be parsed: " + e.getMessage(), e);
    }
  }

  /**
   * Renders with exactly these variables.
   *
   * @throws ChatTemplateException where the template refuses the chat, meets a value it cannot use,
   *     or exceeds a limit
   */
  public String render(Map<String, ?> variables) {
    try {
      return template.render(variables, clock);
    } catch (TemplateException e) {
      throw new ChatTemplateException(e.getMessage(), e);
    }
  }

  /**
   * The prompt of a chat.
   *
   * @param specialTokens the tokenizer's, which templates name as {@code bos_token} and so on
   * @throws ChatTemplateException as {@link #render(Map)}, and where the last message cannot be
   *     continued
   */
  public String render(Chat chat, Map<String, String> specialTokens) {
    if (chat.continueFinalMessage()) return FinalMessage.render(this, chat, specialTokens);
    return render(chat.variables(specialTokens, chat.messages()));
  }

  /**
   * Whether the template loops over the content of messages, and so wants lists of parts rather
   * than strings.
   */
  public boolean wantsContentParts() {
    return template.loopsOverContent();
  }

  /** The variables that the template reads from outside. */
  public Set<String> variables() {
    return template.variables();
  }

  public String source() {
    return source;
  }
}
