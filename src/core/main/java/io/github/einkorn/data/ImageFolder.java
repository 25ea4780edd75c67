package io.github.einkorn.data;

import io.github.einkorn.FormatException;
import io.github.einkorn.data.transforms.Decoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/**
 * A folder of images with a folder for each class, as torchvision's: {@code root/cat/1.jpg}, {@code root/dog/2.png}.
 * The labels are 0, 1, … in the order of the folders' names; images may lie in folders further down. They are read and
 * decoded when they are taken, on the threads of the {@link DataLoader}, as red, green and blue (3, H, W).
 *
 * <pre>{@code
 * var folder = new ImageFolder(Path.of("pets"));
 * var train = new DataLoader(folder.transform(Transforms.of(new Resize(256), new RandomCrop(227), new ToTensor())))
 *     .batchSize(64).shuffle(true).workers(4);
 * }</pre>
 */
public final class ImageFolder implements Pictures {
  private static final System.Logger LOG = System.getLogger("io.github.einkorn.data");
  private static final Set<String> SUFFIXES = Set.of(ImageIO.getReaderFileSuffixes());

  private final List<String> classes;
  private final Path[] files;
  private final int[] labels;
  private final Decoder decoder;

  /**
   * Lists the images of a folder. Files of other suffixes than ImageIO's (jpg, jpeg, png, gif, bmp, …) are left out,
   * and those whose name, or class's name, begins with a dot.
   *
   * @throws FormatException if there are no folders of classes, or one of them has no image
   * @throws UncheckedIOException if the folder cannot be read
   */
  public ImageFolder(Path root) {
    List<Path> all = new ArrayList<>();
    List<Integer> label = new ArrayList<>();
    List<String> names = new ArrayList<>();
    try {
      for (Path folder : folders(root)) {
        List<Path> images = images(folder);
        if (images.isEmpty()) throw new FormatException(folder + ": no images for this class; " + known());
        for (int i = 0; i < images.size(); i++) label.add(names.size());
        all.addAll(images);
        names.add(folder.getFileName().toString());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + root + ": " + e, e);
    }
    classes = List.copyOf(names);
    files = all.toArray(Path[]::new);
    labels = label.stream().mapToInt(Integer::intValue).toArray();
    decoder = new Decoder();
  }

  private ImageFolder(List<String> classes, Path[] files, int[] labels, Decoder decoder) {
    this.classes = classes;
    this.files = files;
    this.labels = labels;
    this.decoder = decoder;
  }

  private static List<Path> folders(Path root) throws IOException {
    if (!Files.isDirectory(root)) throw new FormatException(root + ": there is no such folder");
    List<Path> folders;
    try (Stream<Path> inside = Files.list(root)) {
      folders = inside.filter(p -> Files.isDirectory(p) && !isHidden(p))
          .sorted(Comparator.comparing(p -> p.getFileName().toString())).toList();
    }
    if (!folders.isEmpty()) return folders;
    int images = images(root).size();
    throw new FormatException(root + ": expected a folder for each class, as " + root.resolve("cat").resolve("1.jpg")
        + ", but there are no folders" + (images > 0 ? ", only " + images + " images: sort them into folders" : ""));
  }

  /** The images below a folder; those of one folder before those of folders in it, as torchvision lists them. */
  private static List<Path> images(Path folder) throws IOException {
    try (Stream<Path> below = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      return below.filter(p -> isImage(p) && Files.isRegularFile(p))
          .sorted(Comparator.comparing((Path p) -> p.getParent().toString())
              .thenComparing(p -> p.getFileName().toString()))
          .toList();
    }
  }

  private static boolean isHidden(Path p) {
    return p.getFileName().toString().startsWith(".");
  }

  private static boolean isImage(Path p) {
    String name = p.getFileName().toString();
    return !isHidden(p) && SUFFIXES.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
  }

  private static String known() {
    return "suffixes of images are " + SUFFIXES.stream().map(s -> s.toLowerCase(Locale.ROOT)).distinct().sorted()
        .collect(Collectors.joining(", "));
  }

  /** The same images read by another decoder: with another limit on pixels, or turned as EXIF says. */
  public ImageFolder decoder(Decoder other) {
    return new ImageFolder(classes, files, labels, other);
  }

  /**
   * The images that can be decoded: tries all of them now, on all processors, and logs a warning for each that is left
   * out. Without this, a corrupt image ends the iteration that comes to it.
   *
   * @throws FormatException if none is left
   */
  public ImageFolder skipCorrupt() {
    int[] good = IntStream.range(0, files.length).parallel().filter(this::canBeRead).toArray();
    if (good.length == 0) throw new FormatException("none of the " + files.length + " images can be decoded");
    return new ImageFolder(classes, Arrays.stream(good).mapToObj(i -> files[i]).toArray(Path[]::new),
        Arrays.stream(good).map(i -> labels[i]).toArray(), decoder);
  }

  private boolean canBeRead(int index) {
    try {
      decoder.read(files[index]);
      return true;
    } catch (FormatException | UncheckedIOException e) {
      LOG.log(Level.WARNING, "left out: {0}", e.getMessage());
      return false;
    }
  }

  /** The names of the classes: of label 0, 1, … */
  public List<String> classes() {
    return classes;
  }

  /** The label of each class. */
  public Map<String, Integer> classToIdx() {
    Map<String, Integer> map = new LinkedHashMap<>();
    for (String name : classes) map.put(name, map.size());
    return map;
  }

  /** The file of an image. */
  public Path file(int index) {
    return files[index];
  }

  @Override
  public int size() {
    return files.length;
  }

  @Override
  public long[] targets() {
    return Arrays.stream(labels).asLongStream().toArray();
  }

  /**
   * An image as it is in its file, with its label.
   *
   * @throws FormatException if the file is no image, corrupt, or has too many pixels; the message names it
   */
  @Override
  public Picture picture(int index) {
    return Picture.of(decoder.read(files[index]), labels[index]);
  }

  @Override
  public String name(int index) {
    return files[index].toString();
  }
}
