package io.github.einkorn;

import static io.github.einkorn.global.einkorn.ek_forget_weights;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A block of native memory shared by the tensors that view it, and freed with the last of them. {@link #run} gives up
 * one share, so that a Cleaner can do it too.
 */
final class Storage implements Runnable {
  private static final int FREED = Integer.MIN_VALUE / 2; // shares, of which a few more or less make no difference
  private static final AtomicLong STAMPS = new AtomicLong();
  private static final VarHandle SHARES;
  private static final VarHandle VERSION;
  private static final VarHandle STAMP;

  static {
    try {
      SHARES = MethodHandles.lookup().findVarHandle(Storage.class, "shares", int.class);
      VERSION = MethodHandles.lookup().findVarHandle(Storage.class, "version", int.class);
      STAMP = MethodHandles.lookup().findVarHandle(Storage.class, "stamp", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final long address;
  final long bytes;
  // by the handles: a volatile field would cost a fence for each new block, of which a small step makes dozens
  private int shares = 1;
  private int version;
  private long stamp; // 0 until somebody asks for it
  private volatile boolean packed;

  Storage(long bytes) {
    this.address = Memory.allocate(bytes);
    this.bytes = bytes;
  }

  /** How often the contents were changed in place. */
  int version() {
    return (int) VERSION.getAcquire(this);
  }

  /** Identifies the contents: no two states of any storage have the same one. */
  long stamp() {
    long s = (long) STAMP.getAcquire(this);
    if (s != 0) return s;
    long mine = STAMPS.incrementAndGet();
    long first = (long) STAMP.compareAndExchange(this, 0L, mine);
    return first == 0 ? mine : first;
  }

  /** The stamp, for native code that keeps a rearranged copy of the contents until they change or are freed. */
  long packedStamp() {
    packed = true;
    return stamp();
  }

  /** The contents were changed in place. */
  void touch() {
    unpack();
    STAMP.setRelease(this, 0L);
    VERSION.setRelease(this, version() + 1); // of two at once one may be lost: both are changes all the same
  }

  /** Frees those copies. */
  void unpack() {
    if (!packed) return;
    ek_forget_weights(stamp());
    packed = false;
  }

  /** Takes one more share; false if the block is freed already. */
  boolean share() {
    return (int) SHARES.getAndAdd(this, 1) > 0;
  }

  boolean isShared() {
    return (int) SHARES.getAcquire(this) > 1;
  }

  @Override
  public void run() {
    int n = (int) SHARES.getAcquire(this);
    if (n < 1 || n > 1 && (int) SHARES.getAndAdd(this, -1) != 1) return;
    SHARES.setOpaque(this, FREED); // whoever gave up a share twice frees nothing that is in use again
    unpack();
    Memory.forget(this);
    Memory.free(address, bytes);
  }
}
