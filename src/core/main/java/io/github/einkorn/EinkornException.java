package io.github.einkorn;

/** The root of what the library throws. Messages name what was expected and what came. */
public class EinkornException extends RuntimeException {
  private String where = "";

  /** An exception with a message. */
  public EinkornException(String message) {
    super(message);
  }

  /** An exception with a message and its cause. */
  public EinkornException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The message, led by the path of the layer where it happened: {@code fc (Linear): …}. */
  @Override
  public String getMessage() {
    return where.isEmpty() ? super.getMessage() : where + ": " + super.getMessage();
  }

  /** Notes the layer in which this happened, if it is not null; the innermost one counts. Returns this. */
  public EinkornException in(String layer) {
    if (where.isEmpty() && layer != null) where = layer;
    return this;
  }
}
