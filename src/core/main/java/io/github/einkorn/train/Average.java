package io.github.einkorn.train;

/** How a figure for two classes becomes one for several: scikit-learn's {@code average}. */
public enum Average {
  /** That of class 1, where there are two classes. */
  BINARY,
  /** From the counts of all classes together. With one class per sample it is the accuracy. */
  MICRO,
  /**
   * The mean of the classes' figures, whatever their sizes; classes that were neither there nor predicted are left out.
   */
  MACRO,
  /** The mean of the classes' figures, weighted by how often each class is there. */
  WEIGHTED
}
