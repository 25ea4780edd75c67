package io.github.einkorn.peers;

import java.util.Locale;

/** What is measured of a library as a whole. */
public enum Whole implements Task {
  /** Bytes of the jars that one platform needs. No worker runs. */
  DOWNLOAD,
  /** From the start of the process to the end of the first training step of W2. {@link Worker#main} does it. */
  COLD_START,
  /**
   * The quickstart's net on MNIST. A step is one epoch of training: batches of 100 in random order, Adam, the rate
   * going from 0.001 to 0 over {@link #EPOCHS} along half a cosine; {@link Worker#accuracy} then is that on the test
   * set.
   */
  MNIST;

  /** Epochs of {@link #MNIST}, after which it is given up. */
  public static final int EPOCHS = 6;

  /** The accuracy {@link #MNIST} is to reach. */
  public static final double ACCURACY = 0.99;

  /** The learning rate of {@link #MNIST} in an epoch that is counted from 0. */
  public static double rate(int epoch) {
    return 0.001 * (1 + Math.cos(Math.PI * epoch / EPOCHS)) / 2;
  }

  @Override
  public String toString() {
    return "W8-" + name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
