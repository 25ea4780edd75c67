package io.github.einkorn.peers.driver;

import java.util.function.Consumer;

/** What is going on, in one line of the terminal that is written over; silent elsewhere. */
final class Status implements Consumer<String> {
  private static final int WIDTH = 100;

  private final boolean terminal = System.console() != null;

  @Override
  public void accept(String text) {
    if (terminal) System.err.printf("\r%-" + WIDTH + "." + WIDTH + "s", text);
  }

  /** Takes the line away. */
  void clear() {
    if (terminal) System.err.printf("\r%" + WIDTH + "s\r", "");
  }
}
