package io.github.einkorn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library in jshell, by its start-up file and by the cells of the notebook. */
class JShellTest {
  private static final Path NOTEBOOK = Page.ROOT.resolve("docs/notebooks/mnist.ipynb");

  @TempDir Path folder;

  /** What jshell prints for this; it has to end well, and to print nothing on stderr. */
  private String run(String startup, String code) throws IOException, InterruptedException {
    Path script = Files.writeString(folder.resolve("script.jsh"), code + "\n/exit\n");
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Files.createDirectories(folder.resolve(".java/.userPrefs")); // jshell tells on stderr of having made its own
    var jshell = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jshell").toString(),
        "--class-path", System.getProperty("java.class.path"), "--startup", startup,
        "-J-Djava.util.prefs.userRoot=" + folder, "-R--enable-native-access=ALL-UNNAMED", "-s", script.toString());
    Process p = jshell.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
        .redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    try {
      assertThat(p.waitFor(5, TimeUnit.MINUTES)).as("jshell ends").isTrue();
    } finally {
      p.descendants().forEach(ProcessHandle::destroy);
      p.destroy();
    }
    String printed = Files.readString(out);
    assertThat(Files.readString(err)).as(printed).isEmpty();
    assertThat(p.exitValue()).as(printed).isZero();
    return printed;
  }

  private static List<Double> numbers(String printed, String pattern) {
    return Pattern.compile(pattern).matcher(printed).results().map(m -> Double.valueOf(m.group(1))).toList();
  }

  @Test
  void theLoopOfMnistAfterTheStartUpFile() throws Exception {
    String printed = run(Page.ROOT.resolve("docs/jshell/einkorn.jsh").toString(), """
        Einkorn.seed(1);
        var train = new DataLoader(Mnist.sampleTrain()).batchSize(100).shuffle(true).seed(1);
        var model = new Sequential(new Flatten(), new Linear(784, 64), new ReLU(), new Linear(64, 10));
        var adam = new Adam(model.parameters(), 0.01);
        int step = 0;
        for (Batch batch : train) {
          try (var scope = new Scope()) {
            adam.zeroGrad();
            Tensor loss = crossEntropy(model.forward(batch.x()), batch.y());
            loss.backward();
            adam.step();
            if (step++ % 20 == 0) System.out.printf(Locale.ROOT, "loss %.4f%n", loss.item());
          }
        }
        """);
    List<Double> losses = numbers(printed, "loss ([0-9.]+)");
    assertThat(losses).as(printed).hasSize(3);
    assertThat(losses.get(0)).isGreaterThan(2);
    assertThat(losses.get(2)).isLessThan(losses.get(0) / 2);
  }

  @Test
  void theCellsOfTheNotebook() throws Exception {
    var code = new StringBuilder("java.util.Locale.setDefault(java.util.Locale.ROOT);\n");
    for (JsonNode cell : notebook().get("cells")) {
      if (!cell.get("cell_type").asText().equals("code")) continue;
      for (String line : source(cell).split("\n")) if (!line.startsWith("%")) code.append(line).append('\n');
    }
    // the sample stands in for the whole, which may have to be fetched; kernels differ in what they import themselves
    Path nothing = Files.createFile(folder.resolve("nothing.jsh"));
    String printed = run(nothing.toString(), code.toString().replace("Mnist.train()", "Mnist.sampleTrain()")
        .replace("Mnist.test()", "Mnist.sampleTest()"));
    List<Double> costs = numbers(printed, "Epoch: \\d+ cost = ([0-9.]+)");
    assertThat(costs).as(printed).hasSize(3);
    assertThat(costs.get(1)).isLessThan(costs.get(0));
    assertThat(costs.get(2)).isLessThan(costs.get(1));
    assertThat(numbers(printed, "Accuracy: ([0-9.]+)")).as(printed).singleElement().matches(a -> a > 0.9);
    assertThat(numbers(printed, "Epoch 2/2 .* accuracy ([0-9.]+)")).as(printed).last().matches(a -> a > 0.9);
    assertThat(printed).containsPattern("\\[\\d(, \\d)*]"); // what the pictures of the last cell are taken for
  }

  /** nbformat 4.5: the fields that its schema requires, distinct ids, and no outputs. */
  @Test
  void theNotebookIsOne() throws Exception {
    JsonNode book = notebook();
    assertThat(book.get("nbformat").asInt()).isEqualTo(4);
    assertThat(book.get("nbformat_minor").asInt()).isGreaterThanOrEqualTo(5);
    assertThat(book.get("metadata").get("kernelspec").get("name").asText()).isEqualTo("java");
    assertThat(book.get("metadata").get("kernelspec").has("display_name")).isTrue();
    assertThat(book.get("metadata").get("language_info").get("name").asText()).isEqualTo("java");
    var ids = new HashSet<String>();
    var magics = new ArrayList<String>();
    for (JsonNode cell : book.get("cells")) {
      String id = cell.get("id").asText();
      assertThat(id).matches("[a-zA-Z0-9_-]{1,64}");
      assertThat(ids.add(id)).as(id).isTrue();
      assertThat(cell.get("metadata").isObject()).isTrue();
      assertThat(cell.get("source").isArray()).isTrue();
      if (cell.get("cell_type").asText().equals("markdown")) continue;
      assertThat(cell.get("cell_type").asText()).isEqualTo("code");
      assertThat(cell.get("execution_count").isNull()).isTrue();
      assertThat(cell.get("outputs").isArray() && cell.get("outputs").isEmpty()).isTrue();
      source(cell).lines().filter(l -> l.startsWith("%")).forEach(magics::add);
    }
    String pom = Files.readString(Page.ROOT.resolve("pom.xml"));
    String version = pom.split("<artifactId>einkorn-parent</artifactId>\\s*<version>", 2)[1].split("<", 2)[0];
    assertThat(magics).containsExactly("%maven io.github.einkorn:einkorn-platform:" + version);
  }

  private static JsonNode notebook() throws IOException {
    return new ObjectMapper().readTree(NOTEBOOK.toFile());
  }

  private static String source(JsonNode cell) {
    var lines = new StringBuilder();
    for (JsonNode line : cell.get("source")) lines.append(line.asText());
    return lines.toString();
  }
}
