package dev.quern.openai;

import dev.quern.engine.ServedModel;
import java.util.ArrayList;
import java.util.List;

/**
 * A name under which a model is served.
 *
 * @param created seconds since 1970 when it was loaded
 * @param root the name or path it was loaded from
 */
public record ModelCard(
    String id,
    String object,
    long created,
    String ownedBy,
    String root,
    String parent,
    int maxModelLen,
    List<Permission> permission) {

  /** Kept for clients of vLLM that read it; says that everyone may use the model. */
  public record Permission(
      String id,
      String object,
      long created,
      boolean allowCreateEngine,
      boolean allowSampling,
      boolean allowLogprobs,
      boolean allowSearchIndices,
      boolean allowView,
      boolean allowFineTuning,
      String organization,
      String group,
      boolean isBlocking) {}

  /** The answer of {@code GET /v1/models}. */
  public record Listing(String object, List<ModelCard> data) {}

  public static Listing all(ServedModel model, long created) {
    List<ModelCard> cards = new ArrayList<>(model.names().size());
    for (String name : model.names()) cards.add(of(name, model, created));
    return new Listing("list", cards);
  }

  /**
   * @throws ApiException (404) where no model has this name
   */
  public static ModelCard one(ServedModel model, String name, long created) {
    if (!model.names().contains(name)) throw ApiException.unknownModel(name);
    return of(name, model, created);
  }

  private static ModelCard of(String name, ServedModel model, long created) {
    Permission everyone =
        new Permission(
            "modelperm-" + name,
            "model_permission",
            created,
            false,
            true,
            true,
            false,
            true,
            false,
            "*",
            null,
            false);
    return new ModelCard(
        name,
        "model",
        created,
        "quern",
        model.root(),
        null,
        model.maxModelLen(),
        List.of(everyone));
  }
}
