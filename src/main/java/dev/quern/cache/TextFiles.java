package dev.quern.cache;

import dev.quern.hub.ModelFiles;
import dev.quern.hub.ModelLocator;
import dev.quern.hub.Part;
import dev.quern.settings.QuernConfig;
import dev.quern.text.ChatTemplates;
import dev.quern.text.Tokenizer;
import dev.quern.text.TokenizerMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * What turns text into ids and chats into text; nulls where no tokenizer is wanted.
 *
 * @param folder where both were read from
 */
record TextFiles(Path folder, Tokenizer tokenizer, ChatTemplates templates) {

  /** How the tokenizer is read; said before anything is fetched. */
  static TokenizerMode mode(QuernConfig config) {
    try {
      return TokenizerMode.parse(config.model().tokenizerMode());
    } catch (IllegalArgumentException e) {
      throw new LoadException(e.getMessage(), e);
    }
  }

  /** Whether the tokenizer is among the model's own files of the model's own revision. */
  static boolean areTheModels(QuernConfig config) {
    return !config.model().skipTokenizerInit()
        && config.model().tokenizer().isEmpty()
        && config.model().tokenizerRevision().isEmpty();
  }

  /** Opens them in the background: it takes as long as the weights of a small model. */
  static CompletableFuture<TextFiles> open(
      QuernConfig config, ModelLocator locator, ModelFiles model) {
    if (config.model().skipTokenizerInit())
      return CompletableFuture.completedFuture(new TextFiles(null, null, null));
    Path folder = areTheModels(config) ? model.folder() : located(config, locator);
    TokenizerMode mode = mode(config);
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            ChatTemplates templates =
                ChatTemplates.resolve(folder, config.chat().chatTemplate().orElse(null));
            return new TextFiles(folder, Tokenizer.open(folder, mode), templates);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private static Path located(QuernConfig config, ModelLocator locator) {
    String name = config.model().tokenizer().orElse(config.model().name());
    String revision =
        config.model().tokenizerRevision().or(() -> config.model().revision()).orElse(null);
    return locator.locate(name, revision, EnumSet.of(Part.TOKENIZER)).folder();
  }

  /** Waits for them. */
  static TextFiles of(CompletableFuture<TextFiles> opening) {
    try {
      return opening.join();
    } catch (CompletionException e) {
      Throwable cause =
          e.getCause() instanceof UncheckedIOException io ? io.getCause() : e.getCause();
      throw new LoadException(
          cause.getMessage()
              + "; --skip-tokenizer-init runs without a tokenizer, --tokenizer names another",
          cause);
    }
  }
}
