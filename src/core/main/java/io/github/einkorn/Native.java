package io.github.einkorn;

import static io.github.einkorn.global.einkorn.EK_INVALID;
import static io.github.einkorn.global.einkorn.EK_OK;
import static io.github.einkorn.global.einkorn.EK_OUT_OF_MEMORY;
import static io.github.einkorn.global.einkorn.ek_error;
import static io.github.einkorn.global.einkorn.ek_init;
import static io.github.einkorn.global.einkorn.ek_memory_limit;

import java.util.function.IntSupplier;

/** The door to the native library: loads it once, and turns its status codes into exceptions. */
public final class Native {
  private static final RuntimeException FAILURE = tryLoad();

  private Native() {}

  private static RuntimeException tryLoad() {
    // JavaCPP asks the OS for the process's memory at every Pointer; we do our own accounting.
    System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes",
        System.getProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0"));
    try {
      check(ek_init());
      ek_memory_limit(Memory.startLimit());
      return null;
    } catch (LinkageError e) {
      return new EinkornException("no native library for " + org.bytedeco.javacpp.Loader.getPlatform()
          + " on the class path: add the dependency io.github.einkorn:einkorn-platform", e);
    } catch (RuntimeException e) {
      return e;
    }
  }

  /**
   * Loads the native library.
   *
   * @throws EinkornException if there is none for this platform on the class path, saying which dependency to add; or
   *     if {@code EINKORN_ISA} or {@code einkorn.maxBytes} are not what they may be
   */
  static void load() {
    if (FAILURE != null) throw new EinkornException(FAILURE.getMessage(), FAILURE);
  }

  /** As {@link Tensor#address()}; 0, native code's NULL, for a tensor that is left out. */
  public static long address(Tensor t) {
    return t == null ? 0 : t.address();
  }

  /**
   * Makes a call that needs memory for itself, and checks its status. Where memory is refused, the call is repeated
   * once the collector has freed what nobody holds any more, as for tensors: it must not add to anything.
   */
  public static void run(IntSupplier call) {
    int status = call.getAsInt();
    for (int i = 0; status == EK_OUT_OF_MEMORY && Memory.collects(i); i++) status = call.getAsInt();
    check(status);
  }

  /** Throws what a status other than 0 stands for. */
  public static void check(int status) {
    if (status == EK_OK) return;
    String message = ek_error().getString();
    switch (status) {
      case EK_OUT_OF_MEMORY -> throw Memory.exhausted(message);
      case EK_INVALID -> throw new IllegalArgumentException(message);
      default -> throw new EinkornException(message);
    }
  }
}
