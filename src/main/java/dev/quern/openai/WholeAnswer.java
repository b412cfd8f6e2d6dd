package dev.quern.openai;

/** An endpoint's whole answer: a record for {@link Json}. */
public sealed interface WholeAnswer permits ChatAnswer, CompletionAnswer {
  Usage usage();
}
