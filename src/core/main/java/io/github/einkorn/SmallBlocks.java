package io.github.einkorn;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Freed blocks of up to 1 KB, kept for reuse on this side of JNI: a step of a tiny model allocates and frees dozens of
 * them, and each of these calls takes longer than what is computed in the block.
 */
final class SmallBlocks {
  /** The most bytes kept; the native allocator counts them as used. */
  static final long MOST = 64 << 10;

  private static final int SMALLEST = 6; // log2 of 64 bytes; each class is twice the one before
  private static final int CLASSES = 5;
  private static final long[][] FREE = new long[CLASSES][];
  private static final int[] COUNT = new int[CLASSES];
  private static final AtomicBoolean BUSY = new AtomicBoolean(); // who meets it goes to the native allocator
  private static final AtomicLong HELD = new AtomicLong(); // bytes; written by whoever has made it busy

  static {
    for (int c = 0; c < CLASSES; c++) FREE[c] = new long[(int) (MOST >> SMALLEST + c)];
  }

  private SmallBlocks() {}

  /** How large a block is made that may be kept; larger ones as they are. */
  static long rounded(long bytes) {
    int c = sizeClass(bytes);
    return c < CLASSES ? 1L << SMALLEST + c : bytes;
  }

  /** A block of at least so many bytes; 0 if none is kept. */
  static long take(long bytes) {
    int c = sizeClass(bytes);
    if (c >= CLASSES || COUNT[c] == 0 || !BUSY.compareAndSet(false, true)) return 0;
    long address = 0;
    if (COUNT[c] > 0) {
      address = FREE[c][--COUNT[c]];
      HELD.setRelease(HELD.getPlain() - (1L << SMALLEST + c));
    }
    BUSY.setRelease(false);
    return address;
  }

  /** Keeps a block that {@link #rounded} bytes were allocated for; false if it is to be freed. */
  static boolean keep(long address, long bytes) {
    int c = sizeClass(bytes);
    if (c >= CLASSES || !BUSY.compareAndSet(false, true)) return false;
    long held = HELD.getPlain() + (1L << SMALLEST + c);
    boolean kept = held <= MOST;
    if (kept) {
      FREE[c][COUNT[c]++] = address;
      HELD.setRelease(held);
    }
    BUSY.setRelease(false);
    return kept;
  }

  /** Bytes kept. */
  static long held() {
    return HELD.get();
  }

  private static int sizeClass(long bytes) {
    return Math.max(0, 64 - Long.numberOfLeadingZeros(bytes - 1) - SMALLEST);
  }
}
