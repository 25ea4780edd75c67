package io.github.einkorn.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.Einkorn;
import io.github.einkorn.EinkornException;
import io.github.einkorn.Scope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.BatchNorm2d;
import io.github.einkorn.nn.CrossEntropyLoss;
import io.github.einkorn.nn.Dropout;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Predictor;
import io.github.einkorn.optim.SGD;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelsTest {
  private static final String A = "64 M 128 M 256 256 M 512 512 M 512 512 M";
  private static final String B = "64 64 M 128 128 M 256 256 M 512 512 M 512 512 M";
  private static final String D = "64 64 M 128 128 M 256 256 256 M 512 512 512 M 512 512 512 M";
  private static final String E = "64 64 M 128 128 M 256 256 256 256 M 512 512 512 512 M 512 512 512 512 M";

  /** Makes a model, looks at it, and frees it: there is memory for one of the large ones at a time. */
  private static <M extends Layer> void with(Supplier<M> make, Consumer<M> look) {
    Einkorn.seed(2);
    M model = make.get();
    try (var scope = new Scope()) {
      look.accept(model);
    } finally {
      model.parameters().forEach(Tensor::zeroGrad);
      model.stateDict().values().forEach(Tensor::close);
    }
  }

  private static void check(Supplier<Layer> make, long parameters, List<String> keys) {
    with(make, model -> {
      assertThat(model.parameterCount()).isEqualTo(parameters);
      assertThat(model.stateDict().keySet()).containsExactlyElementsOf(keys);
    });
  }

  @Test
  void resNetsAreTorchvisions() {
    check(() -> ResNet.resnet18(1000), 11_689_512, Keys.resNet(2, 2, 2, 2, 2));
    check(() -> ResNet.resnet34(1000), 21_797_672, Keys.resNet(2, 3, 4, 6, 3));
    check(() -> ResNet.resnet50(1000), 25_557_032, Keys.resNet(3, 3, 4, 6, 3));
  }

  @Test
  void vggsAreTorchvisions() {
    check(() -> VGG.vgg11(1000), 132_863_336, Keys.vgg(A, false));
    check(() -> VGG.vgg13(1000), 133_047_848, Keys.vgg(B, false));
    check(() -> VGG.vgg16(1000), 138_357_544, Keys.vgg(D, false));
    check(() -> VGG.vgg19(1000), 143_667_240, Keys.vgg(E, false));
    check(() -> VGG.vgg11bn(1000), 132_868_840, Keys.vgg(A, true));
    check(() -> VGG.vgg13bn(1000), 133_053_736, Keys.vgg(B, true));
    check(() -> VGG.vgg16bn(1000), 138_365_992, Keys.vgg(D, true));
    check(() -> VGG.vgg19bn(1000), 143_678_248, Keys.vgg(E, true));
  }

  @Test
  void mobileNetAndGoogLeNetAreTorchvisions() {
    check(() -> new MobileNetV2(1000), 3_504_872, Keys.mobileNetV2());
    check(() -> GoogLeNet.batchNorm(1000), 6_624_904, Keys.googLeNet());
  }

  @Test
  void theLecturesModelsHaveTheirNumbers() {
    with(SimpleConvNet::new, m -> assertThat(m.parameterCount()).isEqualTo(433_890));
    with(() -> new FashionCnn(10), m -> assertThat(m.parameterCount()).isEqualTo(1_262_218));
    with(() -> new FashionCnn(64), m -> assertThat(m.parameterCount()).isEqualTo(1_265_728));
    with(() -> new AlexNet(1000), m -> assertThat(m.parameterCount()).isEqualTo(62_378_344));
    with(() -> new GoogLeNet(1000), m -> assertThat(m.parameterCount()).isEqualTo(6_998_552));
  }

  @Test
  void anotherNumberOfClassesChangesTheLastLayerAlone() {
    with(() -> ResNet.resnet18(10), m -> assertThat(m.parameterCount()).isEqualTo(11_689_512 - 990 * (512 + 1)));
    with(() -> new MobileNetV2(7), m -> assertThat(m.parameterCount()).isEqualTo(3_504_872 - 993 * (1280 + 1)));
    assertThatThrownBy(() -> ResNet.resnet18(0)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must be at least 1, got 0");
  }

  private static void assertShapes(Layer model, int[] in, int... out) {
    model.eval();
    assertThat(model.predict(Tensor.randn(in)).shape().dims()).containsExactly(out);
  }

  @Test
  void outputsHaveTheirShapes() {
    with(SimpleConvNet::new, m -> assertShapes(m, new int[] {3, 1, 28, 28}, 3, 10));
    with(() -> new FashionCnn(10), m -> assertShapes(m, new int[] {2, 1, 28, 28}, 2, 10));
    with(() -> ResNet.resnet18(10), m -> assertShapes(m, new int[] {2, 3, 32, 32}, 2, 10));
    with(() -> ResNet.resnet50(10), m -> assertShapes(m, new int[] {1, 3, 64, 64}, 1, 10));
    with(() -> VGG.vgg11bn(10), m -> assertShapes(m, new int[] {1, 3, 32, 32}, 1, 10));
    with(() -> new MobileNetV2(10), m -> assertShapes(m, new int[] {2, 3, 32, 32}, 2, 10));
    with(() -> new AlexNet(10), m -> assertShapes(m, new int[] {1, 3, 227, 227}, 1, 10));
    with(() -> new GoogLeNet(10), m -> assertShapes(m, new int[] {1, 3, 224, 224}, 1, 10));
    with(() -> GoogLeNet.batchNorm(10), m -> assertShapes(m, new int[] {1, 3, 64, 64}, 1, 10));
  }

  /** The lecture's table, and the paper's: 55, 27, 13, 6 pixels; 112, 56, 28, 14, 7 pixels. */
  @Test
  void sizesOnTheWayAreTheLectures() {
    with(() -> new AlexNet(10), m -> assertSizes(m, 227, Map.of("conv1", 55, "pool1", 27, "conv2", 27, "pool2", 13,
        "conv5", 13, "pool5", 6)));
    with(() -> new GoogLeNet(10), m -> assertSizes(m, 224, Map.of("conv1", 112, "maxpool1", 56, "conv3", 56,
        "maxpool2", 28, "inception3b", 28, "maxpool3", 14, "inception4e", 14, "maxpool4", 7, "inception5b", 7)));
    with(() -> ResNet.resnet18(10), m -> assertSizes(m, 224, Map.of("conv1", 112, "maxpool", 56, "layer1", 56,
        "layer2", 28, "layer3", 14, "layer4", 7)));
  }

  private static void assertSizes(Layer model, int size, Map<String, Integer> expected) {
    var seen = new LinkedHashMap<String, Integer>();
    model.children().forEach((name, layer) -> layer.onForward((l, y) -> seen.put(name, y.dim(-1))));
    model.predict(Tensor.randn(3, size, size));
    assertThat(seen).containsAllEntriesOf(expected);
  }

  @Test
  void oneStepMakesTheLossSmaller() {
    with(SimpleConvNet::new, m -> assertLearns(m, 0.1, 4, 1, 28, 28));
    with(() -> new FashionCnn(10), m -> assertLearns(m, 0.01, 4, 1, 28, 28));
    with(() -> ResNet.resnet18(10), m -> assertLearns(m, 0.01, 4, 3, 32, 32));
    with(() -> new MobileNetV2(10), m -> assertLearns(m, 0.01, 4, 3, 32, 32));
    with(() -> GoogLeNet.batchNorm(10), m -> assertLearns(m, 0.01, 4, 3, 32, 32));
  }

  private static void assertLearns(Layer model, double rate, int... shape) {
    Tensor x = Tensor.rand(shape), labels = Tensor.of(1L, 7L, 3L, 1L);
    for (Layer l : model.layers()) if (l instanceof Dropout) l.eval();
    var loss = new CrossEntropyLoss();
    Tensor before = loss.forward(model.forward(x), labels);
    before.backward();
    assertThat(model.parameters()).as("all have gradients").allMatch(p -> p.grad() != null);
    new SGD(model.parameters(), rate).step();
    assertThat(loss.forward(model.forward(x), labels).item()).isLessThan(before.item());
  }

  @Test
  void simpleConvNetGivesLossAndGradientsAsTheBookDoes() {
    with(SimpleConvNet::new, m -> {
      Tensor x = Tensor.rand(8, 1, 28, 28), t = Tensor.of(0, 1, 2, 3, 4, 5, 6, 7L);
      // scores that are almost 0 are ten classes of one probability
      assertThat((double) m.loss(x, t).item()).isCloseTo(Math.log(10), within(0.01));
      Map<String, Tensor> g = m.gradient(x, t);
      assertThat(g.keySet()).containsExactly("conv1.weight", "conv1.bias", "affine1.weight", "affine1.bias",
          "affine2.weight", "affine2.bias");
      float[] first = g.get("affine2.bias").toFloats();
      assertThat(m.gradient(x, t).get("affine2.bias").toFloats()).as("not added up").isEqualTo(first);
      // of the mean of -ln softmax: p - 1 for the label, p for the others
      for (int c = 0; c < 10; c++) assertThat((double) first[c]).isCloseTo(c < 8 ? 0.1 - 1 / 8.0 : 0.1, within(1e-3));
    });
    assertThatThrownBy(() -> new SimpleConvNet(1, 4, 3, 5, 10, 10)).hasMessageContaining("leave nothing");
    assertThat(new SimpleConvNet(3, 32, 8, 3, 16, 4).predict(Tensor.ones(3, 32, 32)).shape().dims()).containsExactly(4);
  }

  @Test
  void frozenTheyGiveTheSameAnswers() {
    with(() -> ResNet.resnet18(10), m -> assertFreezes(m));
    with(() -> new MobileNetV2(10), m -> assertFreezes(m));
  }

  /** x (σ / 0.5) + (μ - 0.5) / 0.5, torchvision's, before the same layers. */
  @Test
  void googLeNetTransformsItsInput() {
    double[] mean = {0.485, 0.456, 0.406}, deviation = {0.229, 0.224, 0.225};
    with(() -> GoogLeNet.batchNorm(10), model -> {
      for (Layer l : model.layers()) {
        if (l instanceof Dropout) l.eval();
        if (l instanceof BatchNorm2d norm) norm.momentum(1.0); // the running statistics are those of the last batch
      }
      Tensor x = Tensor.randn(4, 3, 64, 64);
      float[] v = x.toFloats();
      for (int i = 0; i < v.length; i++) {
        int c = i / (64 * 64) % 3;
        v[i] = (float) (v[i] * (deviation[c] / 0.5) + (mean[c] - 0.5) / 0.5);
      }
      Tensor mapped = Tensor.of(v, 4, 3, 64, 64);
      float[] trained = model.forward(mapped).toFloats();
      assertThat(model.transformInput(true).forward(x).toFloats()).containsExactly(trained, within(1e-3f));
      float[] expected = model.transformInput(false).predict(mapped).toFloats(), plain = model.predict(x).toFloats();
      assertThat(Math.abs(plain[0] - expected[0])).isGreaterThan(0.01f);
      assertThat(model.transformInput(true).predict(x).toFloats()).containsExactly(expected, within(1e-4f));
      try (Predictor frozen = model.freeze(3, 64, 64)) {
        assertThat(frozen.predict(x).toFloats()).containsExactly(expected, within(1e-3f));
      }
    });
    with(() -> new GoogLeNet(10), paper -> assertThatThrownBy(() -> paper.transformInput(true))
        .isInstanceOf(IllegalStateException.class).hasMessageContaining("GoogLeNet.batchNorm"));
  }

  private static void assertFreezes(Layer model) {
    for (Layer l : model.layers()) {
      if (!(l instanceof BatchNorm2d bn)) continue;
      bn.runningMean().copyInPlace(Tensor.randn(bn.runningMean().dim(0)).mul(0.1));
      bn.runningVar().copyInPlace(Tensor.rand(bn.runningVar().dim(0)).add(0.5));
    }
    Tensor x = Tensor.rand(3, 3, 32, 32);
    float[] expected = model.predict(x).toFloats();
    float largest = 0;
    for (float v : expected) largest = Math.max(largest, Math.abs(v));
    try (Predictor frozen = model.freeze(3, 32, 32)) {
      float[] got = frozen.predict(x).toFloats();
      for (int i = 0; i < got.length; i++) assertThat(got[i]).isCloseTo(expected[i], within(1e-4f * largest));
      assertThat(frozen.explain()).doesNotContain("BatchNorm ");
    }
  }

  @Test
  void firstWeightsAreTorchvisions() {
    with(() -> ResNet.resnet18(10), m -> {
      assertNormal(m, "conv1.weight", Math.sqrt(2.0 / (64 * 49)));
      assertNormal(m, "layer4.1.conv2.weight", Math.sqrt(2.0 / (512 * 9)));
      m.reset();
      assertNormal(m, "layer4.1.conv2.weight", Math.sqrt(2.0 / (512 * 9)));
    });
    with(() -> new MobileNetV2(10), m -> {
      assertNormal(m, "features.14.conv.1.0.weight", Math.sqrt(2.0 / (576 * 9)));
      assertNormal(m, "classifier.1.weight", 0.01);
      assertThat(m.stateDict().get("classifier.1.bias").toFloats()).containsOnly(0);
    });
    with(() -> VGG.vgg11(10), m -> {
      assertNormal(m, "features.8.weight", Math.sqrt(2.0 / (256 * 9)));
      assertNormal(m, "classifier.3.weight", 0.01);
      assertThat(m.stateDict().get("features.8.bias").toFloats()).containsOnly(0);
    });
    with(() -> new AlexNet(10), m -> {
      assertNormal(m, "fc7.weight", 0.01);
      assertThat(m.stateDict().get("fc7.bias").toFloats()).containsOnly(1);
      assertThat(m.stateDict().get("conv3.bias").toFloats()).containsOnly(0);
    });
  }

  /** Mean and deviation within five of their own deviations. */
  private static void assertNormal(Layer model, String name, double deviation) {
    Tensor w = model.stateDict().get(name);
    double n = w.size(), mean = w.mean().item(), square = w.square().mean().item();
    assertThat(mean).as(name).isCloseTo(0, within(5 * deviation / Math.sqrt(n)));
    assertThat(Math.sqrt(square)).as(name).isCloseTo(deviation, within(5 * deviation / Math.sqrt(2 * n)));
  }

  @Test
  void filesWithTorchvisionsNamesLoad(@TempDir Path dir) {
    Path file = dir.resolve("resnet18.safetensors");
    var values = new LinkedHashMap<String, Tensor>();
    with(() -> ResNet.resnet18(10), from -> {
      from.save(file);
      from.stateDict().forEach((name, t) -> values.put(name, t.copy().keep()));
    });
    with(() -> ResNet.resnet18(10), to -> {
      to.load(file);
      assertThat(to.stateDict().get("layer2.0.downsample.0.weight").toFloats())
          .isEqualTo(values.get("layer2.0.downsample.0.weight").toFloats());
      var old = new LinkedHashMap<>(values); // PyTorch before 0.4.1
      old.keySet().removeIf(name -> name.endsWith("num_batches_tracked"));
      to.forward(Tensor.ones(2, 3, 32, 32));
      to.loadStateDict(old);
      assertThat(to.stateDict().get("bn1.num_batches_tracked").toLongs()).containsExactly(0);
      var parallel = new LinkedHashMap<String, Tensor>();
      values.forEach((name, t) -> parallel.put("module." + name, t));
      assertThatThrownBy(() -> to.loadStateDict(parallel)).isInstanceOf(EinkornException.class)
          .hasMessageContaining("every name begins with \"module.\"");
    });
    with(() -> ResNet.resnet34(1000), other -> assertThatThrownBy(() -> other.load(file))
        .isInstanceOf(EinkornException.class)
        .hasMessageStartingWith(file + ": this state does not fit ResNet:\n  missing: layer1.2.conv1.weight, ")
        .hasMessageMatching("(?s).*missing: ([^,]+, ){7}[^,]+ and \\d+ more\n.*")
        .hasMessageContaining("fc.weight: expected float32 (1000, 512), got float32 (10, 512)"));
    values.values().forEach(Tensor::close);
  }

  @Test
  void imagesThatDoNotFitAreRefusedByTheLayerThatTheyReach() {
    with(() -> ResNet.resnet18(10), m -> assertThatThrownBy(() -> m.forward(Tensor.ones(1, 1, 32, 32)))
        .isInstanceOf(ShapeException.class).hasMessageStartingWith("conv1 (Conv2d): "));
    with(() -> new AlexNet(10), m -> assertThatThrownBy(() -> m.predict(Tensor.ones(1, 3, 200, 200)))
        .isInstanceOf(ShapeException.class).hasMessageStartingWith("fc6 (Linear): mat1 and mat2"));
  }
}
