package io.github.einkorn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.FormatException;
import io.github.einkorn.Memory;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.data.transforms.ColorJitter;
import io.github.einkorn.data.transforms.Decoder;
import io.github.einkorn.data.transforms.Normalize;
import io.github.einkorn.data.transforms.RandomCrop;
import io.github.einkorn.data.transforms.RandomHorizontalFlip;
import io.github.einkorn.data.transforms.RandomRotation;
import io.github.einkorn.data.transforms.Resize;
import io.github.einkorn.data.transforms.ToTensor;
import io.github.einkorn.data.transforms.Transform;
import io.github.einkorn.data.transforms.Transforms;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {
  private static final Transform AUGMENT = Transforms.of(new Resize(12), new RandomCrop(8).padding(2),
      new RandomHorizontalFlip(), new RandomRotation(10), new ColorJitter(0.2, 0.2, 0.2, 0.05), new ToTensor(),
      Normalize.imageNet());

  @TempDir Path root;

  /** A picture of one colour, with a darker corner. */
  private static void write(Path file, int rgb, int width, int height) throws IOException {
    Files.createDirectories(file.getParent());
    var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) for (int x = 0; x < width; x++) image.setRGB(x, y, rgb);
    image.setRGB(0, 0, 0);
    String name = file.toString();
    assertThat(ImageIO.write(image, name.substring(name.lastIndexOf('.') + 1).toLowerCase(), file.toFile())).isTrue();
  }

  /** Three classes of 7, 6 and 5 images of several sizes. */
  private ImageFolder pets() throws IOException {
    String[] classes = {"dog", "Cat", "ant"};
    for (int c = 0; c < 3; c++) {
      for (int i = 0; i < 7 - c; i++) {
        write(root.resolve(classes[c]).resolve(i + ".png"), 0x203040 * (c + 1) + i, 10 + i, 14 - c);
      }
    }
    return new ImageFolder(root);
  }

  @Test
  void classesAreTheSortedFolders() throws IOException {
    write(root.resolve("b/z.PNG"), 0xff0000, 3, 2);
    write(root.resolve("b/deeper/a.png"), 0x00ff00, 3, 2);
    write(root.resolve("a/1.jpg"), 0x0000ff, 3, 2);
    write(root.resolve("c/1.gif"), 0x0000ff, 3, 2);
    write(root.resolve("c/2.bmp"), 0x123456, 3, 2);
    write(root.resolve("b/.hidden.png"), 0, 3, 2);
    write(root.resolve(".cache/1.png"), 0, 3, 2);
    Files.writeString(root.resolve("b/notes.txt"), "not an image");
    Files.writeString(root.resolve("README"), "not a class");
    ImageFolder folder = new ImageFolder(root);
    assertThat(folder.classes()).containsExactly("a", "b", "c");
    assertThat(folder.classToIdx()).isEqualTo(Map.of("a", 0, "b", 1, "c", 2));
    assertThat(folder.size()).isEqualTo(5);
    assertThat(folder.targets()).containsExactly(0, 1, 1, 2, 2);
    assertThat(List.of(0, 1, 2, 3, 4)).extracting(i -> root.relativize(folder.file(i)).toString())
        .containsExactly("a/1.jpg", "b/z.PNG", "b/deeper/a.png", "c/1.gif", "c/2.bmp");
    Sample last = folder.get(4);
    assertThat(last.x().shape()).isEqualTo(Shape.of(3, 2, 3));
    assertThat(last.y().shape()).isEqualTo(Shape.SCALAR);
    assertThat(last.y().item()).isEqualTo(2);
    float[] x = last.x().toFloats();
    assertThat(new float[] {x[0], x[1], x[7], x[13]}).containsExactly(0, 0x12 / 255f, 0x34 / 255f, 0x56 / 255f);
    assertThatThrownBy(() -> folder.get(5)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void foldersWithoutImagesOrClassesAreExplained() throws IOException {
    assertThatThrownBy(() -> new ImageFolder(root.resolve("none"))).isInstanceOf(FormatException.class)
        .hasMessageContaining("there is no such folder");
    assertThatThrownBy(() -> new ImageFolder(root)).isInstanceOf(FormatException.class)
        .hasMessageContaining("expected a folder for each class").hasMessageContaining("there are no folders");
    write(root.resolve("1.png"), 0, 2, 2);
    assertThatThrownBy(() -> new ImageFolder(root)).hasMessageContaining("only 1 images: sort them into folders");
    write(root.resolve("a/1.png"), 0, 2, 2);
    Files.createDirectories(root.resolve("empty"));
    Files.writeString(root.resolve("empty/picture.webp"), "?");
    assertThatThrownBy(() -> new ImageFolder(root)).isInstanceOf(FormatException.class)
        .hasMessageContaining("empty: no images for this class; suffixes of images are").hasMessageContaining("png");
    Path file = Files.createFile(root.resolve("file"));
    assertThatThrownBy(() -> new ImageFolder(file)).isInstanceOf(FormatException.class);
  }

  private static List<float[]> epochs(Dataset data, int workers, int prefetch) {
    DataLoader loader = new DataLoader(data).batchSize(4).shuffle(true).seed(3).workers(workers).prefetch(prefetch);
    List<float[]> all = new ArrayList<>();
    for (int epoch = 0; epoch < 2; epoch++) {
      for (Batch b : loader) {
        all.add(b.x().toFloats());
        float[] y = new float[b.size()];
        for (int i = 0; i < y.length; i++) y[i] = b.y().toLongs()[i];
        all.add(y);
      }
    }
    return all;
  }

  @Test
  void anyNumberOfWorkersGivesTheSame() throws IOException {
    Dataset data = pets().transform(AUGMENT);
    List<float[]> expected = epochs(data, 0, 2);
    assertThat(expected).hasSize(2 * 2 * 5);
    assertThat(expected.get(0)).isNotEqualTo(expected.get(10));
    for (int workers : new int[] {1, 2, 4}) {
      for (int prefetch : new int[] {1, 3}) {
        assertThat(epochs(data, workers, prefetch)).usingRecursiveComparison().isEqualTo(expected);
      }
    }
    assertThat(epochs(data.subset(Order.range(0, 18)), 4, 2)).usingRecursiveComparison().isEqualTo(expected);
  }

  @Test
  void workersWorkAtOnceAndOffTheCallersThread() throws IOException {
    Set<String> threads = ConcurrentHashMap.newKeySet();
    Dataset data = pets().transform(Transforms.of(new Resize(8, 8), (image, draws) -> {
      threads.add(Thread.currentThread().getName());
      for (int i = 0; i < 200 && threads.size() < 3; i++) sleep(5);
      return image;
    }));
    for (Batch b : new DataLoader(data).batchSize(2).workers(3)) assertThat(b.size()).isEqualTo(2);
    assertThat(threads).containsExactlyInAnyOrder("einkorn-data-0", "einkorn-data-1", "einkorn-data-2");
  }

  private static void sleep(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void samplesDrawAnewInEachEpochButNotInEachLook() throws IOException {
    Dataset data = pets().transform(AUGMENT);
    float[] first = data.get(0).x().toFloats();
    assertThat(data.get(0).x().toFloats()).isEqualTo(first);
    assertThat(data.seeded(5).get(0).x().toFloats()).isNotEqualTo(first);
    assertThat(data.seeded(5).get(0).x().toFloats()).isEqualTo(data.seeded(5).get(0).x().toFloats());
    Dataset fixed = pets().transform(new Resize(8, 8));
    assertThat(fixed.seeded(5)).isSameAs(fixed);
    assertThat(fixed.take(3).seeded(5).get(0).x().toFloats()).isEqualTo(fixed.get(0).x().toFloats());
  }

  @Test
  void partsCanBeTransformedDifferently() throws IOException {
    ImageFolder folder = pets();
    List<Dataset> parts = folder.stratifiedSplit(0.5, 1);
    Dataset train = parts.get(0).transform(AUGMENT);
    Dataset valid = parts.get(1).transform(new Resize(6, 6)).oneHot(3);
    assertThat(train.get(0).x().shape()).isEqualTo(Shape.of(3, 8, 8));
    assertThat(valid.batch(new int[] {0, 1, 2}).x().shape()).isEqualTo(Shape.of(3, 3, 6, 6));
    assertThat(valid.batch(new int[] {0, 1}).y().shape()).isEqualTo(Shape.of(2, 3));
    assertThat(train.targets()).hasSize(9).contains(0, 1, 2);
    // a transform of a transform is one row of them
    Dataset twice = folder.transform(new Resize(9, 9)).transform(new RandomHorizontalFlip(1));
    Dataset once = folder.transform(Transforms.of(new Resize(9, 9), new RandomHorizontalFlip(1)));
    assertThat(twice.get(2).x().toFloats()).isEqualTo(once.get(2).x().toFloats());
  }

  @Test
  void unequalSizesAreExplained() throws IOException {
    ImageFolder folder = pets();
    assertThatThrownBy(() -> folder.batch(new int[] {0, 1})).isInstanceOf(ShapeException.class)
        .hasMessageContaining("0.png has shape (3, 13, 10)").hasMessageContaining("1.png (3, 13, 11)")
        .hasMessageContaining("Resize(height, width)");
    assertThat(folder.batch(new int[] {3}).x().shape()).isEqualTo(Shape.of(1, 3, 13, 13));
    Dataset crop = folder.transform(new RandomCrop(20));
    assertThatThrownBy(() -> new DataLoader(crop).iterator().next()).isInstanceOf(ShapeException.class)
        .hasMessageContaining("0.png: RandomCrop: the image has 13×10 pixels")
        .hasMessageContaining("put a Resize or Pad before it");
  }

  @Test
  void corruptImagesAreNamedOrSkipped() throws IOException {
    pets();
    Path bad = root.resolve("dog/3.png");
    byte[] whole = Files.readAllBytes(bad);
    Files.write(bad, Arrays.copyOf(whole, whole.length / 2));
    write(root.resolve("ant/9.png"), 0, 100, 100);
    ImageFolder folder = new ImageFolder(root).decoder(new Decoder().maxPixels(9_999));
    Dataset data = folder.transform(new Resize(8, 8));
    for (int workers : new int[] {0, 1, 3}) {
      var loader = new DataLoader(data).batchSize(3).workers(workers);
      assertThatThrownBy(() -> loader.forEach(b -> {})).isInstanceOf(FormatException.class)
          .hasMessageContaining("ant/9.png: 100×100 pixels");
    }
    ImageFolder good = folder.skipCorrupt();
    assertThat(good.size()).isEqualTo(17);
    assertThat(good.classes()).containsExactly("Cat", "ant", "dog");
    assertThat(Arrays.stream(good.targets()).filter(y -> y == 2).count()).isEqualTo(6);
    new DataLoader(good.transform(new Resize(8, 8))).batchSize(3).workers(2).forEach(b -> {});
    assertThatThrownBy(() -> folder.decoder(new Decoder().maxPixels(1)).skipCorrupt())
        .isInstanceOf(FormatException.class).hasMessageContaining("none of the 19 images can be decoded");
    Files.delete(bad);
    assertThatThrownBy(() -> folder.get(15)).isInstanceOf(UncheckedIOException.class).hasMessageContaining("3.png");
  }

  @Test
  void nothingNativeIsLeftBehind() throws IOException {
    Dataset data = pets().transform(AUGMENT);
    epochs(data, 2, 2);
    long before = DatasetTest.usedMemory();
    for (int i = 0; i < 3; i++) epochs(data, 3, 1);
    assertThat(Memory.used()).isEqualTo(before);
  }

  @Test
  void statisticsOfAFolder() throws IOException {
    double[] mean = Normalize.fit(pets().stream()).mean();
    assertThat(mean).hasSize(3);
    assertThat(mean[0]).isBetween(0.1, 0.5);
    assertThat(mean[2]).isGreaterThan(mean[0]);
  }
}
