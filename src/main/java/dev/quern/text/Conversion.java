package dev.quern.text;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A vocabulary of another form as a {@code tokenizer.json}.
 *
 * @param source the file it was made from
 * @param vocabulary what the JSON says, so that it need not be read again
 * @param prepare what is done to a text before the library sees it
 * @param named special tokens by role that the source itself names ({@code bos_token}, …)
 */
record Conversion(
    Path source,
    byte[] json,
    VocabularyDraft vocabulary,
    UnaryOperator<String> prepare,
    Map<String, String> named) {}
