package io.github.einkorn;

/** A file is not what it claims to be: truncated, corrupt, oversized or of another format. */
public final class FormatException extends EinkornException {
  /** An exception with a message. */
  public FormatException(String message) {
    super(message);
  }

  /** An exception with a message and its cause. */
  public FormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
