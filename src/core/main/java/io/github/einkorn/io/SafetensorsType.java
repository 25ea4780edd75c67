package io.github.einkorn.io;

import io.github.einkorn.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The element types of safetensors that are read, and what they become. */
enum SafetensorsType {
  F64(8, DType.FLOAT32),
  F32(4, DType.FLOAT32),
  F16(2, DType.FLOAT32),
  BF16(2, DType.FLOAT32),
  I64(8, DType.INT64),
  I32(4, DType.INT64),
  I16(2, DType.INT64),
  I8(1, DType.INT64),
  U8(1, DType.UINT8),
  BOOL(1, DType.BOOL);

  private final int bytes;
  private final DType tensorType;

  SafetensorsType(int bytes, DType tensorType) {
    this.bytes = bytes;
    this.tensorType = tensorType;
  }

  /** Bytes per element in the file. */
  int bytes() {
    return bytes;
  }

  /** The type read into. */
  DType tensorType() {
    return tensorType;
  }

  /** The bytes of {@link #tensorType()} for little-endian bytes of this type: the same array where nothing changes. */
  byte[] convert(ByteBuffer in) {
    if (this == F32 || this == I64 || this == U8) return in.array();
    int n = in.limit() / bytes;
    var out = ByteBuffer.allocate(n * tensorType.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < n; i++) {
      switch (this) {
        case F64 -> out.putFloat((float) in.getDouble(8 * i));
        case F16 -> out.putFloat(half(in.getShort(2 * i)));
        case BF16 -> out.putFloat(Float.intBitsToFloat(in.getShort(2 * i) << 16));
        case I32 -> out.putLong(in.getInt(4 * i));
        case I16 -> out.putLong(in.getShort(2 * i));
        case I8 -> out.putLong(in.get(i));
        default -> out.put((byte) (in.get(i) == 0 ? 0 : 1));
      }
    }
    return out.array();
  }

  /** IEEE 754 binary16: sign, 5 bits of exponent (bias 15), 10 bits of fraction. */
  static float half(short bits) {
    int exponent = bits >> 10 & 31, fraction = bits & 1023;
    float magnitude = exponent == 0 ? fraction * 0x1p-24f
        : exponent == 31 ? (fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN)
        : Math.scalb(1 + fraction * 0x1p-10f, exponent - 15);
    return bits < 0 ? -magnitude : magnitude;
  }
}
