package dev.quern.openai;

/** A body's {@code cache_salt}: prompts of different salts share no prefix. */
final class CacheSalt {
  private CacheSalt() {}

  static String read(Fields body) {
    String salt = body.text("cache_salt");
    if (salt != null && salt.isEmpty())
      throw ApiException.badRequest("cache_salt must not be empty", "cache_salt");
    return salt;
  }
}
