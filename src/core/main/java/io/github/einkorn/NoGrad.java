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
  private final boolean before;

  /** Starts the block. */
  public NoGrad() {
    Context c = Context.get();
    before = c.recording;
    c.recording = false;
  }

  /** Whether operations on this thread are being recorded. */
  public static boolean isRecording() {
    return Context.get().recording;
  }

  /** Ends the block. */
  @Override
  public void close() {
    Context.get().recording = before;
  }
}
