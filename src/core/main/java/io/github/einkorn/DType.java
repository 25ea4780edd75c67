package io.github.einkorn;

/** Element types of a tensor. The order is that of {@code ek_dtype} in the native library. */
public enum DType {
  /** 32-bit floats: the type that computes and has gradients. */
  FLOAT32(4),
  /** 64-bit integers: labels and indices. */
  INT64(8),
  /** Bytes 0..255: images as they come from files. */
  UINT8(1),
  /** Truth values, one byte each. */
  BOOL(1);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes per element. */
  public int bytes() {
    return bytes;
  }

  /** The lower-case name PyTorch uses: float32, int64, uint8, bool. */
  @Override
  public String toString() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
