package io.github.einkorn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class ExamplesTest {
  @TempDir Path folder;

  private interface Work {
    void run() throws Exception;
  }

  private static String printed(Work work) throws Exception {
    PrintStream screen = System.out;
    var bytes = new ByteArrayOutputStream();
    try (var out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      System.setOut(out);
      work.run();
    } finally {
      System.setOut(screen);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private String quick(Supplier<Example> program) throws Exception {
    Example e = Examples.parse(program, "--quick", "--out", folder.toString());
    return printed(() -> e.figures());
  }

  /** The slice of each program meets the figures that a slice can, and draws its pictures. */
  @TestFactory
  Stream<DynamicTest> slices() {
    return Examples.ALL.stream().map(program -> DynamicTest.dynamicTest(program.get().name(), () -> {
      Example e = Examples.parse(program, "--quick", "--out", folder.toString());
      var figures = new ArrayList<Figure>();
      assertThat(printed(() -> figures.addAll(e.figures()))).isNotBlank();
      assertThat(figures).isNotEmpty().allMatch(Figure::met);
      assertThat(e.pictures()).allMatch(Files::exists).doesNotHaveDuplicates();
    }));
  }

  @Test
  void everyProgramIsListedUnderItsClassNameWithOneLine() throws Exception {
    String list = printed(() -> Examples.commandLine().execute());
    for (var program : Examples.ALL) {
      Example e = program.get();
      assertThat(e.name()).isEqualTo(e.getClass().getSimpleName());
      assertThat(e.lecture()).matches("S[0-4](, S[0-4])*");
      assertThat(list.lines()).filteredOn(l -> l.strip().startsWith(e.name() + " ")).hasSize(1)
          .allMatch(l -> l.contains(e.lecture()) && l.endsWith(e.shows()) && l.length() <= 120);
    }
  }

  @Test
  void aNameThatIsAlmostRightIsSuggested() {
    assertThat(refused("MnistXaver")).contains("MnistXavier");
  }

  @Test
  void optionsThatHaveNoUseAreRefused() {
    assertThat(refused("MnistHe", "--epochs", "0")).contains("--epochs must be at least 1, got 0");
    assertThat(refused("LeNet5", "--limit", "499")).contains("--limit must be at least 500, got 499");
    assertThat(refused("Xor", "--epochs", "3")).contains("Unknown options: '--epochs'");
    for (String name : new String[] {"Xor", "SentenceCnn", "AlexNet", "Im2col"}) {
      assertThat(refused(name, "--limit", "3")).contains("Unknown options: '--limit'");
    }
  }

  private static String refused(String... args) {
    var err = new StringWriter();
    assertThat(Examples.commandLine().setErr(new PrintWriter(err)).execute(args)).isEqualTo(2);
    return err.toString();
  }

  @Test
  void theLimitIsThatOfEveryDataSet() {
    var e = (MnistExample) Examples.parse(MnistHe::new, "--quick", "--limit", "500");
    assertThat(Stream.of(e.mnistTrain(), e.mnistTest(), e.fashionTrain(), e.fashionTest()))
        .allMatch(images -> images.size() == 500);
  }

  @Test
  void printsWhatTheLecturesPrint() throws Exception {
    assertThat(quick(SoftmaxToy::new).lines()).filteredOn(l -> l.matches("Epoch [ \\d]{4}/20 Cost: \\d\\.\\d{6}"))
        .hasSize(20).first().asString().startsWith("Epoch    0/20 Cost: ");
    assertThat(quick(MnistXavier::new).lines()).anyMatch(l -> l.matches("Epoch: 0001 cost = \\d+\\.\\d{9}"))
        .anyMatch(l -> l.matches("Accuracy: 0\\.\\d+")).anyMatch(l -> l.matches("Label:  \\d"))
        .anyMatch(l -> l.matches("Prediction:  \\d")).contains("Learning finished");
    assertThat(quick(BackpropByHand::new)).contains("f  -7,  1").contains("x  -2,  5").contains("y   5, -2");
    assertThat(quick(ShapeWalk::new)).contains("(1, 32, 28, 28)\n(1, 32, 14, 14)\n(1, 64, 14, 14)\n(1, 64, 7, 7)\n"
        + "(1, 3136)\n(1, 10)\nShapeException: ");
  }

  @Test
  void aFigureIsMetWithinItsBounds() {
    assertThat(Figure.atLeast("a", 0.9, 0.9).met()).isTrue();
    assertThat(Figure.atLeast("a", 0.9, Double.NaN).met()).isFalse();
    assertThat(Figure.atMost("a", 2, 2.1).met()).isFalse();
    assertThat(Figure.near("a", 0.945, 0.01, 0.934).met()).isFalse();
    assertThat(Figure.equal("a", 60_000L, 60_000L)).hasToString("a: the lecture 60,000, here 60,000, met");
    assertThat(Figure.atLeast("accuracy", 0.978, 0.9)).hasToString("accuracy: the lecture ≥ 0.978, here 0.9, NOT MET");
    assertThat(Figure.near("a", 1, 0.001, 1.00001)).hasToString("a: the lecture 1 ± 0.001, here 1, met");
    assertThat(Figure.atMost("loss", 2, 1.5).own()).hasToString("loss: expected ≤ 2, here 1.5, met");
  }

  @Test
  void theFiguresOfASliceAreNotTheLectures() throws Exception {
    Example slice = Examples.parse(ShapeWalk::new, "--quick", "--out", folder.toString());
    Example full = Examples.parse(ShapeWalk::new, "--out", folder.toString());
    printed(() -> {
      assertThat(slice.figures()).noneMatch(Figure::ofLecture);
      assertThat(full.figures()).anyMatch(Figure::ofLecture);
    });
  }
}
