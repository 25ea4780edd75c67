package io.github.einkorn;

/**
 * Switches recording for gradients off on this thread until it is closed, as {@code torch.no_grad()}:
 *
 * <pre>{@code
 * try (var off = new NoGrad()) {
 *   Tensor y = model.forward(x);
 * }
 * }</pre>
 */
public final class NoGrad implements AutoCloseable {
  private final Context.Owner owner;
  private final NoGrad outer; // or null
  private final boolean before;
  private boolean open = true;

  /** Starts the block. */
  public NoGrad() {
    Context c = Context.get();
    owner = c.owner;
    outer = c.off;
    before = c.recording;
    c.off = this;
    c.recording = false;
  }

  /** Whether operations on this thread are being recorded. */
  public static boolean isRecording() {
    return Context.get().recording;
  }

  /**
   * Ends the block. Closing twice does nothing.
   *
   * @throws IllegalStateException on another thread than the one that began it, or, once it has ended, if an inner
   *     NoGrad was still open, which ends with it
   */
  @Override
  public void close() {
    if (!open) return;
    Context c = Context.get();
    if (c.owner != owner) {
      throw new IllegalStateException("a NoGrad must be closed by the thread that opened it, " + owner.name);
    }
    boolean left = c.off != this;
    for (NoGrad n = c.off; n != outer; n = n.outer) n.open = false;
    c.off = outer;
    c.recording = before;
    if (left) throw new IllegalStateException("an inner NoGrad is still open");
  }
}
