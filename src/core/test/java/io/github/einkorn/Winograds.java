package io.github.einkorn;

/** Runs tests under a way of Winograd, and restores the one before. */
public final class Winograds {
  private Winograds() {}

  public static void under(Winograd way, Runnable test) {
    Winograd before = Einkorn.winograd();
    Einkorn.winograd(way);
    try {
      test.run();
    } finally {
      Einkorn.winograd(before);
    }
  }
}
