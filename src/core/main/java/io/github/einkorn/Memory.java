package io.github.einkorn;

import static io.github.einkorn.global.einkorn.ek_alloc;
import static io.github.einkorn.global.einkorn.ek_error;
import static io.github.einkorn.global.einkorn.ek_free;
import static io.github.einkorn.global.einkorn.ek_memory_cached;
import static io.github.einkorn.global.einkorn.ek_memory_grown;
import static io.github.einkorn.global.einkorn.ek_memory_limit;
import static io.github.einkorn.global.einkorn.ek_memory_peak;
import static io.github.einkorn.global.einkorn.ek_memory_trim;
import static io.github.einkorn.global.einkorn.ek_memory_used;

import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/** Native memory: the limit, what is in use, and who holds it. */
public final class Memory {
  private static final long NOTED = 1 << 20; // blocks from here on are listed by largestHolders()
  private static final Map<Long, String> HOLDERS = new ConcurrentHashMap<>();
  private static final AtomicLong CONVERSIONS = new AtomicLong();

  private Memory() {}

  /**
   * The system property {@code einkorn.maxBytes}, or four fifths of what the machine or container has, so that running
   * out is an exception and not a killed JVM.
   */
  static long startLimit() {
    String property = System.getProperty("einkorn.maxBytes");
    if (property != null) {
      if (property.matches("[0-9]{1,18}")) return Long.parseLong(property);
      throw new EinkornException("einkorn.maxBytes=" + property + ": expected a number of bytes, 0 for no limit");
    }
    if (java.lang.management.ManagementFactory.getOperatingSystemMXBean()
        instanceof com.sun.management.OperatingSystemMXBean os) {
      return os.getTotalMemorySize() / 5 * 4;
    }
    return 0;
  }

  /**
   * Bounds the native memory of this process, caches included; 0 lifts the bound. The default is the system property
   * {@code einkorn.maxBytes}, else four fifths of the memory of the machine or container.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public static void limit(long bytes) {
    if (bytes < 0) throw new IllegalArgumentException("the limit must not be negative, got " + bytes);
    Native.load();
    ek_memory_limit(bytes);
  }

  /** Bytes held by live tensors and native caches of packed weights. */
  public static long used() {
    Native.load();
    return ek_memory_used() - SmallBlocks.held();
  }

  /** Bytes of freed blocks kept for reuse. */
  public static long cached() {
    Native.load();
    return ek_memory_cached() + SmallBlocks.held();
  }

  /** The largest value {@link #used()} has had, up to 64 KB more. */
  public static long peak() {
    Native.load();
    return ek_memory_peak();
  }

  /** How often the operating system was asked for memory; it stands still in a steady state. */
  public static long grown() {
    Native.load();
    return ek_memory_grown();
  }

  /**
   * How often a tensor was copied from one {@link Format} to the other. A convolutional net on channels-last or
   * one-channel images does it only where it flattens an activation of more than one pixel, and in the gradient of it.
   */
  public static long conversions() {
    return CONVERSIONS.get();
  }

  /** Gives cached blocks back to the operating system; returns how many bytes. */
  public static long trim() {
    Native.load();
    return ek_memory_trim();
  }

  /** The live tensors of 1 MB and more, largest first, one line each. */
  public static String largestHolders(int count) {
    return HOLDERS.values().stream()
        .collect(Collectors.groupingBy(s -> s, Collectors.counting()))
        .entrySet().stream()
        .sorted(Comparator.comparingLong((Map.Entry<String, Long> e) -> -bytesOf(e.getKey()) * e.getValue()))
        .limit(count)
        .map(e -> (e.getValue() > 1 ? e.getValue() + " x " : "") + e.getKey())
        .collect(Collectors.joining("\n  ", "  ", ""));
  }

  private static long bytesOf(String holder) {
    return Long.parseLong(holder.substring(holder.lastIndexOf(' ') + 1));
  }

  /** Allocates, after the collector has freed what nobody holds any more if that is needed. */
  static long allocate(long bytes) {
    long address = SmallBlocks.take(bytes);
    return address != 0 ? address : allocateNative(SmallBlocks.rounded(bytes));
  }

  private static long allocateNative(long bytes) {
    Native.load();
    long address = ek_alloc(bytes);
    for (int i = 0; address == 0 && collects(i); i++) address = ek_alloc(bytes);
    if (address == 0) throw exhausted(ek_error().getString());
    return address;
  }

  /** Lets the collector free what nobody holds any more, before a next attempt; false if there have been enough. */
  static boolean collects(int attempts) {
    if (attempts == 10) return false;
    System.gc();
    boolean interrupted = Thread.interrupted(); // which is no reason to have less memory
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) Thread.currentThread().interrupt();
    return true;
  }

  /** What is thrown where memory was refused, with who holds it. */
  static OutOfNativeMemoryException exhausted(String message) {
    String holders = HOLDERS.isEmpty() ? "" : "; the largest holders (bytes):\n" + largestHolders(8);
    return new OutOfNativeMemoryException(message + holders);
  }

  /** Frees what {@link #allocate} gave for so many bytes. */
  static void free(long address, long bytes) {
    if (!SmallBlocks.keep(address, bytes)) ek_free(address);
  }

  static void converted() {
    CONVERSIONS.incrementAndGet();
  }

  static void note(Storage s, Tensor t) {
    if (s.bytes >= NOTED) HOLDERS.put(s.address, t.describe() + " " + s.bytes);
  }

  static void forget(Storage s) {
    if (s.bytes >= NOTED) HOLDERS.remove(s.address);
  }
}
