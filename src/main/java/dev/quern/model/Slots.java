package dev.quern.model;

/** Our names of the weights, shared by the plan that loads them and the model that binds them. */
public final class Slots {
  public static final String EMBED = "embed";
  public static final String POSITIONS = "positions";
  public static final String EMBED_NORM = "embedNorm";
  public static final String FINAL_NORM = "finalNorm";
  public static final String HEAD = "head";
  public static final String HEAD_BIAS = "head.bias";

  public static final String QKV = "attention.qkv";
  public static final String QKV_BIAS = "attention.qkv.bias";
  public static final String OUT = "attention.out";
  public static final String OUT_BIAS = "attention.out.bias";
  public static final String Q_NORM = "attention.qNorm";
  public static final String K_NORM = "attention.kNorm";
  public static final String ATTENTION_NORM = "attentionNorm";
  public static final String POST_ATTENTION_NORM = "postAttentionNorm";
  public static final String UP = "mlp.up";
  public static final String UP_BIAS = "mlp.up.bias";
  public static final String ACTIVATION = "mlp.activation";
  public static final String DOWN = "mlp.down";
  public static final String DOWN_BIAS = "mlp.down.bias";
  public static final String MLP_NORM = "mlpNorm";
  public static final String POST_MLP_NORM = "postMlpNorm";

  private Slots() {}

  /** The name of a layer's weight, such as {@code layers.3.attention.qkv}. */
  public static String layer(int layer, String name) {
    return "layers." + layer + "." + name;
  }

  /** The weight of a norm. */
  public static String weight(String norm) {
    return norm + ".weight";
  }

  /** The bias of a norm. */
  public static String bias(String norm) {
    return norm + ".bias";
  }
}
