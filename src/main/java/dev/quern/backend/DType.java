package dev.quern.backend;

/** Element types of tensors and weights. */
public enum DType {
  F32(4, "float32"),
  F16(2, "float16"),
  BF16(2, "bfloat16");

  private final int bytes;
  private final String torchName;

  DType(int bytes, String torchName) {
    this.bytes = bytes;
    this.torchName = torchName;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /**
   * The name that PyTorch, {@code config.json} and {@code --dtype} use, such as {@code bfloat16}.
   */
  public String torchName() {
    return torchName;
  }
}
