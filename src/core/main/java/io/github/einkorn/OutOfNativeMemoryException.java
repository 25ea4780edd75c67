package io.github.einkorn;

/** The memory limit ({@code einkorn.maxBytes}) or the machine is exhausted. Nothing was changed: free something. */
public final class OutOfNativeMemoryException extends EinkornException {
  /** An exception with a message. */
  public OutOfNativeMemoryException(String message) {
    super(message);
  }
}
