package io.github.einkorn;

import static io.github.einkorn.global.einkorn.ek_forget_weights;
import static io.github.einkorn.global.einkorn.ek_free;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A block of native memory shared by the tensors that view it, and freed with the last of them. {@link #run} gives up
 * one share, so that a Cleaner can do it too.
 */
final class Storage implements Runnable {
  private static final AtomicLong STAMPS = new AtomicLong();

  final long address;
  final long bytes;
  private final AtomicInteger shares = new AtomicInteger(1);
  private volatile long stamp = STAMPS.incrementAndGet();
  private volatile boolean packed;

  Storage(long bytes) {
    this.address = Memory.allocate(bytes);
    this.bytes = bytes;
  }

  /** Identifies the contents: no two states of any storage have the same one. */
  long stamp() {
    return stamp;
  }

  /** The stamp, for native code that keeps a rearranged copy of the contents until they change or are freed. */
  long packedStamp() {
    packed = true;
    return stamp;
  }

  /** The contents were changed in place. */
  void touch() {
    unpack();
    stamp = STAMPS.incrementAndGet();
  }

  /** Frees those copies. */
  void unpack() {
    if (packed) ek_forget_weights(stamp);
    packed = false;
  }

  void share() {
    shares.incrementAndGet();
  }

  boolean isShared() {
    return shares.get() > 1;
  }

  @Override
  public void run() {
    if (shares.decrementAndGet() == 0) {
      unpack();
      Memory.forget(this);
      ek_free(address);
    }
  }
}
