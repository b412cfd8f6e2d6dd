package dev.quern.model;

/**
 * The largest sizes a config may ask for, each far above any real model. Within them every count of
 * elements and bytes fits a long and every row or column count an int, so that absurd models are
 * refused by arithmetic before anything is allocated.
 */
public final class Limits {
  public static final int HIDDEN = 1 << 18;
  public static final int FFN = 1 << 22;
  public static final int LAYERS = 4096;
  public static final int HEADS = 1 << 14;
  public static final int HEAD_DIM = 1024;
  public static final int VOCABULARY = 1 << 24;
  public static final int CONTEXT = 1 << 30;

  private Limits() {}
}
