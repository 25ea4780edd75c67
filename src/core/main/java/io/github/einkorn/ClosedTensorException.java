package io.github.einkorn;

/** A tensor was used after its memory had been freed; the message says by whom. */
public final class ClosedTensorException extends EinkornException {
  /** An exception with a message. */
  public ClosedTensorException(String message) {
    super(message);
  }
}
