package io.github.einkorn;

/** A model's forward pass cannot be taken down as a fixed list of operations. */
public final class FreezeException extends EinkornException {
  /** An exception with a message. */
  public FreezeException(String message) {
    super(message);
  }
}
