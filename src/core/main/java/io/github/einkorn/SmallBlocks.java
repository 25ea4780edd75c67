package io.github.einkorn;

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
  private static final long SOMEBODY = -1; // for one block
  private static final AtomicLong USER = new AtomicLong(); // 0 for nobody; others go to the native allocator
  private static final AtomicLong HELD = new AtomicLong(); // bytes; written by the user

  static {
    for (int c = 0; c < CLASSES; c++) FREE[c] = new long[(int) (MOST >> SMALLEST + c)];
  }

  private SmallBlocks() {}

  /** How large a block is made that may be kept; larger ones as they are. */
  static long rounded(long bytes) {
    int c = sizeClass(bytes);
    return c < CLASSES ? 1L << SMALLEST + c : bytes;
  }

  /**
   * Reserves all of it for this thread, of which {@code me} is the {@link Context#number}, until {@link #leave}, so
   * that freeing many blocks locks once. False if another thread has it, or this one already: then there is nothing to
   * leave.
   */
  static boolean enter(long me) {
    return USER.getPlain() == 0 && USER.compareAndSet(0, me);
  }

  /** Ends what {@link #enter} began. */
  static void leave() {
    USER.setRelease(0);
  }

  /** A block of at least so many bytes; 0 if none is kept. */
  static long take(long bytes) {
    int c = sizeClass(bytes);
    if (c >= CLASSES || COUNT[c] == 0) return 0;
    boolean entered = enter(SOMEBODY);
    if (!entered && !isMine()) return 0;
    long address = 0;
    if (COUNT[c] > 0) {
      address = FREE[c][--COUNT[c]];
      HELD.setRelease(HELD.getPlain() - (1L << SMALLEST + c));
    }
    if (entered) leave();
    return address;
  }

  /** Keeps a block that {@link #rounded} bytes were allocated for; false if it is to be freed. */
  static boolean keep(long address, long bytes) {
    int c = sizeClass(bytes);
    if (c >= CLASSES) return false;
    boolean entered = enter(SOMEBODY);
    if (!entered && !isMine()) return false;
    long held = HELD.getPlain() + (1L << SMALLEST + c);
    boolean kept = held <= MOST;
    if (kept) {
      FREE[c][COUNT[c]++] = address;
      HELD.setRelease(held);
    }
    if (entered) leave();
    return kept;
  }

  private static boolean isMine() {
    return USER.getPlain() == Context.get().number;
  }

  /** Bytes kept. */
  static long held() {
    return HELD.get();
  }

  private static int sizeClass(long bytes) {
    return Math.max(0, 64 - Long.numberOfLeadingZeros(bytes - 1) - SMALLEST);
  }
}
