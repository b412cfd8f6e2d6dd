package dev.quern.text;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The chat templates of a model, by name, and the choice among them. Most models have one, {@code
 * default}; some have {@code tool_use} for chats with tools. A template given by the user replaces
 * them all.
 *
 * <p>Later sources win: {@code chat_template.json}, {@code chat_template} in {@code
 * tokenizer_config.json} (a string or a list of named ones), {@code chat_template.jinja}, {@code
 * chat_templates/NAME.jinja}. Each template is parsed at its first use.
 */
public final class ChatTemplates {
  private static final String DEFAULT = "default";
  private static final String WITH_TOOLS = "tool_use";

  private final Map<String, String> sources;
  private final ChatTemplate chosen;
  private final String source;
  private final Map<String, ChatTemplate> parsed = new ConcurrentHashMap<>();

  private ChatTemplates(Map<String, String> sources, ChatTemplate chosen, String source) {
    this.sources = sources;
    this.chosen = chosen;
    this.source = source;
  }

  /**
   * @param folder the model's folder
   * @param option what the user gave as {@code --chat-template} (a file, the name of one of the
   *     model's templates, or the template itself), or null
   * @throws IOException where a file cannot be read
   * @throws ChatTemplateException where the option is none of the three or does not parse
   */
  public static ChatTemplates resolve(Path folder, String option) throws IOException {
    Map<String, String> sources = sources(folder);
    if (option == null) return new ChatTemplates(sources, null, sources.toString());
    String source = choose(option, sources);
    return new ChatTemplates(sources, ChatTemplate.parse(source), source);
  }

  /**
   * The template for a chat.
   *
   * @param hasTools whether the chat has tools, for which some models have a template of its own
   * @throws ChatTemplateException where the model has none, or it does not parse
   */
  public ChatTemplate forChat(boolean hasTools) {
    if (chosen != null) return chosen;
    String name = hasTools && sources.containsKey(WITH_TOOLS) ? WITH_TOOLS : DEFAULT;
    if (!sources.containsKey(name)) throw new ChatTemplateException(missing());
    return parsed.computeIfAbsent(name, key -> ChatTemplate.parse(sources.get(key)));
  }

  /** The text of the template or the templates that chats are written by. */
  public String source() {
    return source;
  }

  /** The names of the model's own templates. */
  public Set<String> names() {
    return sources.keySet();
  }

  private String missing() {
    if (sources.isEmpty())
      return "this model has no chat template; give one with --chat-template (a file or the"
          + " template itself)";
    return "this model has no default chat template; choose one of "
        + sources.keySet()
        + " with --chat-template";
  }

  private static String choose(String option, Map<String, String> sources) throws IOException {
    Path file = path(option);
    if (file != null) return read(file);
    if (sources.containsKey(option)) return sources.get(option);
    boolean looksLikeTemplate =
        option.indexOf('{') >= 0 || option.indexOf('}') >= 0 || option.indexOf('\n') >= 0;
    if (looksLikeTemplate) return option;
    throw new ChatTemplateException(
        "--chat-template "
            + option
            + ": no such file, not the name of a template of this model ("
            + sources.keySet()
            + "), and not a template");
  }

  private static String read(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": not in UTF-8", e);
    }
  }

  private static Path path(String option) {
    try {
      Path path = Path.of(option);
      return Files.isRegularFile(path) ? path : null;
    } catch (InvalidPathException e) {
      return null;
    }
  }

  private static Map<String, String> sources(Path folder) throws IOException {
    Map<String, String> sources = new LinkedHashMap<>();
    addRaw(
        sources, JsonTree.readIfPresent(folder.resolve("chat_template.json")).get("chat_template"));
    addRaw(
        sources,
        JsonTree.readIfPresent(folder.resolve("tokenizer_config.json")).get("chat_template"));
    Path single = folder.resolve("chat_template.jinja");
    if (Files.isRegularFile(single)) sources.put(DEFAULT, read(single));
    Path named = folder.resolve("chat_templates");
    if (Files.isDirectory(named)) sources.putAll(namedIn(named));
    return sources;
  }

  private static void addRaw(Map<String, String> sources, Object raw) {
    switch (raw) {
      case String template -> sources.put(DEFAULT, template);
      case List<?> templates -> {
        for (Object entry : templates) {
          if (entry instanceof Map<?, ?> map
              && map.get("name") instanceof String name
              && map.get("template") instanceof String template) {
            sources.put(name, template);
          }
        }
      }
      case Map<?, ?> templates ->
          templates.forEach(
              (name, template) -> {
                if (name instanceof String key && template instanceof String text)
                  sources.put(key, text);
              });
      case null, default -> {}
    }
  }

  private static Map<String, String> namedIn(Path folder) throws IOException {
    Map<String, String> named = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.jinja")) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        named.put(name.substring(0, name.length() - ".jinja".length()), read(file));
      }
    }
    return named;
  }
}
