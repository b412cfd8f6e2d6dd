package dev.quern.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.engine.ServedModel;
import dev.quern.text.Chat;
import dev.quern.text.ChatTemplate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A chat rendered to a prompt.
 *
 * @param messages as the template saw them
 * @param role of the answer
 */
record ChatPrompt(Prompt prompt, ChatMessages messages, String role) {
  private static final String DEVELOPER = "developer";

  static ChatPrompt read(ServedModel model, Fields body, Policy policy) {
    if (model.tokenizer() == null)
      throw ApiException.badRequest(
          "The model was loaded without its tokenizer: use /v1/completions with token ids",
          "messages");
    boolean addGenerationPrompt = body.flag("add_generation_prompt", true);
    boolean continueFinalMessage = body.flag("continue_final_message", false);
    if (addGenerationPrompt && continueFinalMessage)
      throw ApiException.badRequest(
          "continue_final_message needs add_generation_prompt to be false: the one goes on with the"
              + " last message, the other starts a new one",
          "continue_final_message");
    List<Object> tools = objects(body, "tools");
    ChatTemplate template = template(model, body, policy, tools != null && !tools.isEmpty());
    boolean asParts = policy.contentFormat().asParts(template);
    boolean knowsDevelopers = template.source().contains(DEVELOPER);
    ChatMessages messages = ChatMessages.read(body, asParts, knowsDevelopers);
    Chat chat =
        new Chat(
            messages.values(),
            tools == null || tools.isEmpty() ? null : tools,
            objects(body, "documents"),
            addGenerationPrompt,
            continueFinalMessage,
            variables(body, template));
    String text = template.render(chat, model.tokenizer().specialTokens());
    Prompt prompt = PromptTokens.of(model, body, false).encode(text, "messages");
    // A cut prompt has no text of its own, yet the rendered one is what return_prompt_text means.
    return new ChatPrompt(
        new Prompt(prompt.ids(), text),
        messages,
        addGenerationPrompt ? policy.responseRole() : messages.lastRole());
  }

  private static ChatTemplate template(
      ServedModel model, Fields body, Policy policy, boolean hasTools) {
    String own = body.text("chat_template");
    if (own != null) {
      if (!policy.trustRequestChatTemplate())
        throw ApiException.badRequest(
            "chat_template is only taken when the server runs with --trust-request-chat-template",
            "chat_template");
      return ChatTemplate.parse(own);
    }
    return model.chatTemplates().forChat(hasTools);
  }

  /** A list of JSON objects as plain values, or null. */
  private static List<Object> objects(Fields body, String name) {
    JsonNode list = body.get(name);
    if (list == null) return null;
    if (!list.isArray()) throw Fields.wrong(name, "a list of objects", list);
    List<Object> values = new ArrayList<>(list.size());
    for (JsonNode item : list) {
      if (!item.isObject()) throw Fields.wrong(name, "a list of objects", item);
      values.add(JsonValues.of(item));
    }
    return values;
  }

  /** {@code chat_template_kwargs}, and what {@code reasoning_effort} means to the template. */
  private static Map<String, Object> variables(Fields body, ChatTemplate template) {
    Map<String, Object> variables = new LinkedHashMap<>();
    String effort = body.text("reasoning_effort");
    if (effort != null) {
      variables.put("reasoning_effort", effort);
      if (template.variables().contains("enable_thinking"))
        variables.put("enable_thinking", !effort.equals("none"));
    }
    JsonNode extra = body.get("chat_template_kwargs");
    if (extra != null && !extra.isObject())
      throw Fields.wrong("chat_template_kwargs", "an object", extra);
    if (extra != null) variables.putAll(JsonValues.map(extra));
    return variables;
  }
}
