package io.github.einkorn;

/** An operation was given a tensor of another element type than it works on. */
public final class DTypeException extends EinkornException {
  /** An exception with a message. */
  public DTypeException(String message) {
    super(message);
  }
}
