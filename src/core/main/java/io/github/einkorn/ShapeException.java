package io.github.einkorn;

/** Shapes that do not fit an operation, or a size that is negative, zero or too large. */
public final class ShapeException extends EinkornException {
  /** An exception with a message. */
  public ShapeException(String message) {
    super(message);
  }
}
