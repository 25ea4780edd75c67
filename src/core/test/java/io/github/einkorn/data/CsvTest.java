package io.github.einkorn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.DType;
import io.github.einkorn.FormatException;
import io.github.einkorn.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvTest {
  @TempDir Path folder;

  private CsvDataset read(CsvReader reader, String content) throws IOException {
    return reader.read(Files.writeString(folder.resolve("table.csv"), content));
  }

  private void refuses(CsvReader reader, String content, String... says) throws IOException {
    Path file = Files.writeString(folder.resolve("bad.csv"), content);
    var refusal = assertThatThrownBy(() -> reader.read(file)).isInstanceOf(FormatException.class)
        .hasMessageContaining("bad.csv");
    for (String s : says) refusal.hasMessageContaining(s);
  }

  private static CsvReader byLast() {
    return new CsvReader().header(false).label(-1);
  }

  @Test
  void readsNumbersAndLabels() throws IOException {
    CsvDataset d = read(new CsvReader().label("y"), "a,y,b\n1,0,2.5\n-3e2,2, .5 \r\n\n4.,1,+6\n");
    assertThat(d.size()).isEqualTo(3);
    assertThat(d.columns()).containsExactly("a", "b");
    assertThat(d.classes()).isEmpty();
    assertThat(d.targets()).containsExactly(0, 2, 1);
    Batch b = d.batch(new int[] {0, 1, 2});
    assertThat(b.x().shape()).isEqualTo(Shape.of(3, 2));
    assertThat(b.x().toFloats()).containsExactly(1, 2.5f, -300, 0.5f, 4, 6);
    assertThat(b.y().dtype()).isEqualTo(DType.INT64);
    assertThat(d.get(1).x().shape()).isEqualTo(Shape.of(2));
  }

  @Test
  void wordsAreClassesInOrder() throws IOException {
    CsvDataset d = read(new CsvReader().header(false).label(-1).delimiter(';'),
        "1;2;virginica\n3;4;\"setosa\"\n5;6;virginica");
    assertThat(d.classes()).containsExactly("setosa", "virginica");
    assertThat(d.targets()).containsExactly(1, 0, 1);
    assertThat(d.columns()).containsExactly("0", "1");
  }

  @Test
  void labelsAreNumbersOrWords() throws IOException {
    for (String word : new String[] {"x", "1.5", "NA", "12345678901234567890"}) {
      refuses(byLast(), "1,10\n\n2,9\n3," + word + "\n", "bad.csv:4: 1: '" + word + "' is not a whole number");
      refuses(byLast(), "1," + word + "\n2,9\n", "bad.csv:1: 1: '" + word + "' is not a whole number");
    }
    assertThat(read(byLast(), "1,+5\n2,1.0\n3,7.\n").targets()).containsExactly(5, 1, 7);
    assertThat(read(byLast(), "1,2b\n2,1.5\n").classes()).containsExactly("1.5", "2b");
  }

  @Test
  void numbersToPredictAreFloats() throws IOException {
    CsvDataset d = read(new CsvReader().target("price").ignore("id"), "id,price,m\nx1,2.5,3\nx2,4,5\n");
    assertThat(d.batch(new int[] {0, 1}).y().toFloats()).containsExactly(2.5f, 4);
    assertThat(d.columns()).containsExactly("m");
    refuses(new CsvReader().target("price").ignore("id"), "id,price,m\nx1,2.5,3\nx2,four,5\n",
        "bad.csv:3: price: 'four' is not a finite number");
  }

  @Test
  void quotesHoldDelimitersLinesAndQuotes() throws IOException {
    CsvDataset d = read(new CsvReader().label("a \"label\",\nof two lines"),
        "\uFEFFx,\"a \"\"label\"\",\nof two lines\"\n\"1.5\",\"big, old\"\n2,\"\"\"\"\r\n");
    assertThat(d.classes()).containsExactly("\"", "big, old");
    assertThat(d.columns()).containsExactly("x");
    assertThat(d.get(0).x().toFloats()).containsExactly(1.5f);
    refuses(byLast(), "1,\"open\n2,3\n", "bad.csv:1: a quoted field is not closed");
    refuses(byLast(), "1,0\n\"2\"x,1\n", "bad.csv:2: expected a delimiter behind a quoted field, got 'x'");
  }

  @Test
  void theLineOfAnErrorIsTold() throws IOException {
    refuses(new CsvReader().label("y"), "a,y\n1,0\n\n\"\n2\",x\n,1\n", "bad.csv:6: the a is missing", "missing(value)");
    refuses(byLast(), "1,2,0\n1,2,0,5\n", "bad.csv:2: expected 3 fields, got 4");
    refuses(byLast(), "1,2,0\n1,abc,0\n", "bad.csv:2: 1: 'abc' is not a finite number", "ignore");
    for (String no : new String[] {"NaN", "Infinity", "1f", "1e99", "0x10", "0x1p3", "0X1P3", "--1", "1 2"}) {
      refuses(byLast(), "1,0\n" + no + ",0\n", "bad.csv:2: 0: '" + no + "' is not a finite number");
    }
    refuses(byLast(), "1,0\n2, \n", "bad.csv:2: the 1 is missing");
  }

  @Test
  void missingValuesCanBeFilled() throws IOException {
    CsvDataset d = read(byLast().missing(Float.NaN), "1,,0\n , 2,1\n");
    assertThat(d.batch(new int[] {0, 1}).x().toFloats()).containsExactly(1, Float.NaN, Float.NaN, 2);
  }

  @Test
  void tablesThatAreNoneAreRefused() throws IOException {
    refuses(byLast(), "", "the file is empty");
    refuses(new CsvReader().label("y"), "x,y\n", "there are no rows");
    refuses(new CsvReader().label("z"), "x,y\n1,2\n", "there is no column 'z', but 'x', 'y'");
    refuses(new CsvReader().label("y"), "a, b, y\n1,2,3\n", "there is no column 'y', but 'a', ' b', ' y'");
    refuses(new CsvReader().label("y"), "y,a,y\n1,2,0\n", "bad.csv:1: two columns are called 'y'");
    refuses(new CsvReader().label(2), "x,y\n1,2\n", "there is no column 2");
    refuses(new CsvReader().label("x").ignore("k"), "x,y\n1,2\n", "no column 'k' to ignore");
    refuses(new CsvReader().label("y"), "y\n1\n", "no columns are left for x");
    refuses(byLast(), "1".repeat((1 << 20) + 1) + ",0\n", "more than 1048576 characters");
    refuses(byLast(), ",".repeat((1 << 20) + 1), "more than 1048576 fields");
    Path latin = Files.write(folder.resolve("latin.csv"), "é,0\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> byLast().read(latin)).isInstanceOf(FormatException.class)
        .hasMessageContaining("not UTF-8");
    assertThatThrownBy(() -> byLast().read(folder.resolve("none.csv"))).isInstanceOf(UncheckedIOException.class);
    assertThatThrownBy(() -> new CsvReader().read(latin)).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("label(…) or target(…)");
    assertThatThrownBy(() -> new CsvReader().delimiter('"')).isInstanceOf(IllegalArgumentException.class);
  }
}
