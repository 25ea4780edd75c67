package io.github.einkorn.data;

import java.nio.file.Path;
import java.util.List;

/**
 * Articles of clothing in the format of MNIST: 60,000 images of 28×28 to train on and 10,000 to test with, labels 0..9
 * (Xiao, Rasul, Vollgraf 2017). Kept as {@link Mnist} is; they come from Debian's package dataset-fashion-mnist where
 * it is installed, else from public mirrors.
 */
public final class FashionMnist {
  /** The names of the labels. */
  public static final List<String> CLASSES = List.of("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal",
      "Shirt", "Sneaker", "Bag", "Ankle boot");

  private static final List<Cache.Entry> ENTRIES = List.of(
      new Cache.Entry("train-images-idx3-ubyte", 47_040_016,
          "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
      new Cache.Entry("train-labels-idx1-ubyte", 60_008,
          "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
      new Cache.Entry("t10k-images-idx3-ubyte", 7_840_016,
          "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
      new Cache.Entry("t10k-labels-idx1-ubyte", 10_008,
          "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"));

  private static final List<Cache.Source> SOURCES = List.of(
      new Sources.Folder(Path.of("/usr/share/datasets/fashion-mnist"),
          "on Debian and Ubuntu: apt-get install dataset-fashion-mnist"),
      Sources.Mirrors.of("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
          "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/"));

  private FashionMnist() {}

  /**
   * The 60,000 images to train on: x (1, 28, 28) in [0, 1], y a label.
   *
   * @throws io.github.einkorn.EinkornException if they cannot be had, saying what was tried
   */
  public static ImageDataset train() {
    return Digits.load("train", cache()::load);
  }

  /** The 10,000 images to test with; otherwise as {@link #train()}. */
  public static ImageDataset test() {
    return Digits.load("t10k", cache()::load);
  }

  private static Cache cache() {
    return new Cache("Fashion-MNIST", Cache.home().resolve("fashion-mnist"), ENTRIES, SOURCES);
  }
}
