package io.github.einkorn.data;

import static io.github.einkorn.global.einkorn.ek_put;

import io.github.einkorn.DType;
import io.github.einkorn.Format;
import io.github.einkorn.FormatException;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Colour pictures of things and animals: 50,000 images of 3×32×32 to train on and 10,000 to test with, labels 0..9
 * (Krizhevsky 2009), in the binary version: records of a label byte and 3072 bytes, red, green and blue in rows.
 *
 * <p>Without a path, the files are kept as {@link Mnist}'s are, in the folder {@code cifar10}. They come from the
 * author's site; where that cannot be reached, put {@code cifar-10-binary.tar.gz} or the unpacked {@code .bin} files
 * there.
 */
public final class Cifar10 {
  /** The names of the labels. */
  public static final List<String> CLASSES =
      List.of("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  private static final int VALUES = 3 * 32 * 32;
  private static final int RECORD = 1 + VALUES;
  private static final long BYTES = 10_000L * RECORD;
  private static final long MAX_BYTES = 1 << 30;
  private static final String ARCHIVE = "cifar-10-binary.tar.gz";
  private static final List<String> TRAIN = IntStream.rangeClosed(1, 5).mapToObj(i -> "data_batch_" + i + ".bin")
      .toList();
  private static final List<String> TEST = List.of("test_batch.bin");

  private static final List<Cache.Entry> ENTRIES = List.of(
      new Cache.Entry("data_batch_1.bin", BYTES, "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"),
      new Cache.Entry("data_batch_2.bin", BYTES, "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"),
      new Cache.Entry("data_batch_3.bin", BYTES, "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"),
      new Cache.Entry("data_batch_4.bin", BYTES, "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"),
      new Cache.Entry("data_batch_5.bin", BYTES, "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"),
      new Cache.Entry("test_batch.bin", BYTES, "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"));

  private Cifar10() {}

  /**
   * The 50,000 images to train on: x (3, 32, 32) in [0, 1], y a label.
   *
   * @throws io.github.einkorn.EinkornException if they cannot be had, saying what was tried
   */
  public static ImageDataset train() {
    return cached(TRAIN);
  }

  /** The 10,000 images to test with; otherwise as {@link #train()}. */
  public static ImageDataset test() {
    return cached(TEST);
  }

  /**
   * The images of data_batch_1.bin to data_batch_5.bin in a folder, or in an archive .tar.gz. Their number need not be
   * that of the original, and they are not compared with it.
   *
   * @throws FormatException if a file is missing or not of this format; the message names it and the offset
   * @throws UncheckedIOException if one cannot be read
   */
  public static ImageDataset train(Path folderOrArchive) {
    return load(folderOrArchive, TRAIN);
  }

  /** The images of test_batch.bin; otherwise as {@link #train(Path)}. */
  public static ImageDataset test(Path folderOrArchive) {
    return load(folderOrArchive, TEST);
  }

  private static ImageDataset cached(List<String> names) {
    Path folder = Cache.home().resolve("cifar10");
    Cache cache = new Cache("CIFAR-10", folder, ENTRIES, List.of(
        Sources.Archive.of(folder.resolve(ARCHIVE), "cifar-10-batches-bin/"),
        Sources.Archive.of(Sources.Mirrors.of("https://www.cs.toronto.edu/~kriz/"), ARCHIVE, "cifar-10-batches-bin/")),
        Cifar10::records);
    return dataset(names.stream().map(cache::load).toList());
  }

  private static ImageDataset load(Path from, List<String> names) {
    try {
      return dataset(Files.isDirectory(from) ? files(from, names) : archived(from, names));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + from + ": " + e, e);
    }
  }

  private static List<Tensor> files(Path folder, List<String> names) throws IOException {
    List<Tensor> parts = new ArrayList<>();
    for (String name : names) {
      Path file = folder.resolve(name);
      if (!Files.exists(file)) throw missing(folder, name);
      try (InputStream in = Files.newInputStream(file)) {
        parts.add(records(in, Files.size(file), file.toString()));
      }
    }
    return parts;
  }

  private static List<Tensor> archived(Path archive, List<String> names) throws IOException {
    Map<String, Tensor> found = new HashMap<>();
    long most = Math.min(MAX_BYTES, Files.size(archive) * Unzip.MAX_RATIO);
    try (InputStream file = new BufferedInputStream(Files.newInputStream(archive));
        InputStream tar = new GZIPInputStream(file, 1 << 16)) {
      Tar.each(tar, (path, size, content) -> {
        String name = path.substring(path.lastIndexOf('/') + 1);
        if (!names.contains(name)) return;
        if (size > most) throw new FormatException(archive + ": " + path + " cannot have " + size + " bytes");
        found.put(name, records(content, size, archive + ": " + path));
      });
    } catch (ZipException | EOFException e) {
      throw new FormatException(archive + ": not a whole .tar.gz: " + e.getMessage(), e);
    }
    for (String name : names) if (!found.containsKey(name)) throw missing(archive, name);
    return names.stream().map(found::get).toList();
  }

  private static FormatException missing(Path where, String name) {
    return new FormatException(where + ": there is no " + name + "; expected are the files of CIFAR-10's binary "
        + "version, " + String.join(", ", TRAIN) + " and " + TEST.get(0));
  }

  /** A file as uint8 (records, 3073). */
  static Tensor records(InputStream in, long length, String name) throws IOException {
    if (length < RECORD || length % RECORD != 0 || length > MAX_BYTES) {
      throw new FormatException(name + ": " + length + " bytes are no whole number of records of " + RECORD
          + ", a label and 3×32×32 values");
    }
    byte[] bytes = in.readNBytes((int) length);
    if (bytes.length < length) throw new FormatException(name + ": truncated at offset " + bytes.length);
    for (int i = 0; i < bytes.length; i += RECORD) {
      if (bytes[i] < 0 || bytes[i] > 9) {
        throw new FormatException(name + ": at offset " + i + ": label " + (bytes[i] & 255) + " is not in 0..9");
      }
    }
    return Tensor.of(bytes, (int) (length / RECORD), RECORD);
  }

  private static ImageDataset dataset(List<Tensor> parts) {
    int n = parts.stream().mapToInt(p -> p.dim(0)).sum();
    Tensor images = Tensor.empty(DType.UINT8, Format.CONTIGUOUS, Shape.of(n, 3, 32, 32));
    long[] labels = new long[n];
    int i = 0;
    for (Tensor part : parts) {
      byte[] bytes = part.toBytes();
      part.close();
      for (int at = 0; at < bytes.length; at += RECORD, i++) {
        labels[i] = bytes[at];
        ek_put(images.address() + (long) i * VALUES, bytes, at + 1, VALUES);
      }
    }
    return new ImageDataset(images, Tensor.of(labels));
  }
}
