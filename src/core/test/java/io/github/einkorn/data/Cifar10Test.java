package io.github.einkorn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.FormatException;
import io.github.einkorn.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Cifar10Test {
  private static final int RECORD = 3073;

  @TempDir Path folder;

  /** Records whose label is (first + i) % 10 and whose values tell record and place. */
  private static byte[] file(int records, int first) {
    byte[] bytes = new byte[records * RECORD];
    for (int i = 0; i < records; i++) {
      bytes[i * RECORD] = (byte) ((first + i) % 10);
      for (int k = 0; k < 3072; k++) bytes[i * RECORD + 1 + k] = value(first + i, k);
    }
    return bytes;
  }

  private static byte value(int record, int k) {
    return (byte) (record * 37 + k * 11 + k / 1024 * 5);
  }

  private void write() throws IOException {
    for (int i = 1; i <= 5; i++) Files.write(folder.resolve("data_batch_" + i + ".bin"), file(i, 100 * i));
    Files.write(folder.resolve("test_batch.bin"), file(4, 7));
  }

  private static void assertTrain(ImageDataset train) {
    assertThat(train.images().shape()).isEqualTo(Shape.of(15, 3, 32, 32));
    assertThat(train.targets()).containsExactly(0, 0, 1, 0, 1, 2, 0, 1, 2, 3, 0, 1, 2, 3, 4);
    float[] x = train.get(4).x().toFloats(); // the second of data_batch_3
    for (int k = 0; k < 3072; k++) assertThat(x[k]).isCloseTo((value(301, k) & 255) / 255f, within(1e-6f));
  }

  @Test
  void readsAFolder() throws IOException {
    write();
    assertTrain(Cifar10.train(folder));
    assertThat(Cifar10.test(folder).targets()).containsExactly(7, 8, 9, 0);
    assertThat(Cifar10.CLASSES).hasSize(10).contains("frog");
  }

  private byte[] archive() throws IOException {
    var tar = new ByteArrayOutputStream();
    CacheTest.tar(tar, "cifar-10-batches-bin/readme.html", "<html>".getBytes(StandardCharsets.US_ASCII));
    for (String name : new String[] {"data_batch_1.bin", "data_batch_4.bin", "data_batch_2.bin", "test_batch.bin",
        "data_batch_3.bin", "data_batch_5.bin"}) {
      CacheTest.tar(tar, "cifar-10-batches-bin/" + name, Files.readAllBytes(folder.resolve(name)));
    }
    tar.write(new byte[1024]);
    return tar.toByteArray();
  }

  @Test
  void readsAnArchiveWhateverItsOrder() throws IOException {
    write();
    Path file = Files.write(folder.resolve("cifar-10-binary.tar.gz"), IdxTest.gzip(archive()));
    assertTrain(Cifar10.train(file));
    assertThat(Cifar10.test(file).size()).isEqualTo(4);
    byte[] whole = Files.readAllBytes(file);
    for (int length : new int[] {0, 5, whole.length / 2, whole.length - 20}) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> Cifar10.train(file)).as("first %d bytes", length).isInstanceOf(FormatException.class)
          .hasMessageContaining(file.toString());
    }
    Files.writeString(file, "not an archive");
    assertThatThrownBy(() -> Cifar10.train(file)).isInstanceOf(FormatException.class)
        .hasMessageContaining("not a whole .tar.gz");
  }

  /** What Cifar10.train() does, with the sums of made files: the archive in the cache's folder is unpacked there. */
  @Test
  void theArchiveInTheCacheIsUnpackedAndChecked() throws Exception {
    write();
    byte[] content = file(4, 7);
    String sum = java.util.HexFormat.of()
        .formatHex(java.security.MessageDigest.getInstance("SHA-256").digest(content));
    Path home = Files.createDirectories(folder.resolve("home"));
    Path archive = home.resolve("cifar-10-binary.tar.gz");
    List<Cache.Source> sources = List.of(Sources.Archive.of(archive, "cifar-10-batches-bin/"));
    Cache missing = new Cache("CIFAR-10", home.resolve("none"),
        List.of(new Cache.Entry("test_batch.bin", content.length, sum)), sources, Cifar10::records);
    assertThatThrownBy(() -> missing.load("test_batch.bin")).isInstanceOf(Cache.Unavailable.class)
        .hasMessageContaining("CIFAR-10 is not in").hasMessageContaining(archive + ": is not there");
    Files.write(archive, IdxTest.gzip(archive()));
    Cache cache = new Cache("CIFAR-10", home, List.of(new Cache.Entry("test_batch.bin", content.length, sum)), sources,
        Cifar10::records);
    assertThat(cache.load("test_batch.bin").shape()).isEqualTo(Shape.of(4, RECORD));
    assertThat(Files.readAllBytes(home.resolve("test_batch.bin"))).isEqualTo(content);
    Cache other = new Cache("CIFAR-10", home, List.of(new Cache.Entry("data_batch_1.bin", RECORD, sum)), sources,
        Cifar10::records);
    assertThatThrownBy(() -> other.load("data_batch_1.bin")).isInstanceOf(Cache.Unavailable.class)
        .hasMessageContaining("has SHA-256");
  }

  @Test
  void anArchiveThatClaimsTooMuchIsRefused() throws IOException {
    write();
    byte[] tar = archive();
    byte[] size = "07777777777".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(size, 0, tar, 1024 + 124, size.length); // of data_batch_1.bin, 1 GiB - 1
    Path file = Files.write(folder.resolve("bomb.tar.gz"), IdxTest.gzip(tar));
    assertThatThrownBy(() -> Cifar10.train(file)).isInstanceOf(FormatException.class)
        .hasMessageContaining("data_batch_1.bin").hasMessageContaining("1073741823 bytes");
  }

  @Test
  void otherFilesAreRefused() throws IOException {
    assertThatThrownBy(() -> Cifar10.train(folder)).isInstanceOf(FormatException.class)
        .hasMessageContaining("there is no data_batch_1.bin");
    write();
    Path third = folder.resolve("data_batch_3.bin");
    Files.write(third, Arrays.copyOf(file(3, 0), 3 * RECORD - 1));
    assertThatThrownBy(() -> Cifar10.train(folder)).isInstanceOf(FormatException.class)
        .hasMessageContaining("data_batch_3.bin: 9218 bytes are no whole number of records of 3073");
    Files.write(third, new byte[0]);
    assertThatThrownBy(() -> Cifar10.train(folder)).isInstanceOf(FormatException.class);
    byte[] label = file(3, 0);
    label[RECORD] = 10;
    Files.write(third, label);
    assertThatThrownBy(() -> Cifar10.train(folder)).isInstanceOf(FormatException.class)
        .hasMessageContaining("at offset 3073: label 10 is not in 0..9");
    Files.delete(third);
    assertThatThrownBy(() -> Cifar10.train(folder)).hasMessageContaining("there is no data_batch_3.bin");
  }
}
