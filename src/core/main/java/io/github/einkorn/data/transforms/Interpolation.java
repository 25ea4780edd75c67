package io.github.einkorn.data.transforms;

/** How a value between pixels is found. */
public enum Interpolation {
  /** The pixel it lies in. */
  NEAREST,
  /** The four pixels around, weighted by closeness. */
  BILINEAR
}
