package io.github.einkorn.nn;

import static io.github.einkorn.nn.Freezing.assertSame;
import static io.github.einkorn.nn.Freezing.layer;
import static io.github.einkorn.nn.Freezing.used;
import static io.github.einkorn.nn.Window.same;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.einkorn.Einkorn;
import io.github.einkorn.InScope;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Which steps of a frozen model are made one. */
@ExtendWith(InScope.class)
class FoldTest {
  @Test
  void activationGoesWithWhatIsBeforeIt() {
    assertSteps(used(new Sequential(new BatchNorm2d(3), new ReLU()), 3, 8, 8), 0, "BatchNormRelu");
    assertSteps(new Sequential(new Conv2d(3, 4, 3), new ReLU()), 0, "Conv2dRelu");
    assertSteps(used(new Sequential(new Conv2d(3, 4, 3), new ReLU(), new BatchNorm2d(4)), 3, 8, 8), 0, "Conv2dRelu",
        "BatchNorm");
    assertSteps(used(new Sequential(new Conv2d(3, 4, 3), new BatchNorm2d(4), new ReLU()), 3, 8, 8), 1e-5, "Conv2dRelu");
    assertSteps(used(new Sequential(new Flatten(), new Linear(192, 9), new BatchNorm1d(9), new ReLU()), 3, 8, 8), 1e-5,
        "Reshape", "LinearRelu");
    assertSteps(new Sequential(new Flatten(), new Linear(192, 9), new ReLU6()), 0, "Reshape", "LinearRelu6");
    assertSteps(new Sequential(new Flatten(), new Linear(192, 9), new Sigmoid()), 0, "Reshape", "LinearSigmoid");
    assertSteps(used(new Sequential(new Flatten(), new Linear(192, 9), new Tanh(), new BatchNorm1d(9)), 3, 8, 8), 0,
        "Reshape", "LinearTanh", "BatchNorm");
    assertSteps(new Sequential(new Conv2d(3, 4, 3), new Tanh()), 0, "Conv2d", "Tanh");
    assertSteps(used(new Sequential(new BatchNorm2d(3), new ReLU6()), 3, 8, 8), 0, "BatchNormRelu6");
    assertSteps(used(new Sequential(new Conv2d(3, 4, 3), new BatchNorm2d(4), new ReLU6()), 3, 8, 8), 1e-5,
        "Conv2dRelu6");
    assertSteps(new Sequential(new Conv2d(3, 4, 3), new ReLU6(), new ReLU()), 0, "Conv2dRelu6", "Relu");
    assertSteps(new Sequential(new MaxPool2d(2), new ReLU6()), 0, "MaxPool2d", "Relu6");
    assertSteps(layer(x -> Functional.relu6(x.add(x))), 0, "Add", "Relu6");
    assertSteps(layer(x -> x.add(x).relu()), 0, "AddRelu");
    assertSteps(layer(x -> x.add(x.mean(true, 2, 3)).relu()), 0, "Sum", "Add", "Relu");
    assertSteps(layer(x -> {
      Tensor h = x.add(x);
      return h.relu().mul(h);
    }), 0, "Add", "Relu", "Mul");
  }

  @Test
  void poolingGoesWithTheConvolutionBeforeIt() {
    var small = new Sequential(new Conv2d(1, 6, same(5)), new Tanh(), new AvgPool2d(2), new Flatten(),
        new Linear(6 * 8 * 8, 5));
    var large = new Sequential(new Conv2d(3, 20, same(3)), new ReLU(), new MaxPool2d(2)); // more than 256 KB an image
    boolean atOnce = !Einkorn.isa().equals("scalar");
    try (Predictor one = small.freeze(1, 16, 16); Predictor other = large.freeze(3, 64, 64); var scope = new Scope()) {
      assertThat(one.explain().contains("ConvPool2d")).isEqualTo(atOnce);
      assertThat(other.explain().contains("ConvPool2d")).isEqualTo(atOnce);
      for (int n : new int[] {1, 3, 5}) {
        assertClose(one.predict(Tensor.ones(n, 1, 16, 16)), apart(small, Tensor.ones(n, 1, 16, 16)));
        Tensor x = Tensor.rand(n, 3, 64, 64);
        assertClose(other.predict(x), apart(large, x));
        assertClose(large.predict(x), apart(large, x)); // at once from 4 images on
      }
    }
  }

  /** Whether both are faster at once depends on the images there are; a plan is the same for all. */
  @Test
  void poolingGoesWithTheConvolutionForAnyBatch() {
    for (int c : new int[] {1, 3, 8, 12}) {
      for (int o : new int[] {8, 16, 32}) {
        for (int k : new int[] {3, 5, 7}) {
          for (boolean relu : new boolean[] {true, false}) {
            for (boolean largest : new boolean[] {true, false}) {
              var net = new Sequential(new Conv2d(c, o, same(k)), relu ? new ReLU() : new Tanh(),
                  largest ? new MaxPool2d(2) : new AvgPool2d(2));
              try (Predictor frozen = net.freeze(c, 8, 8); var scope = new Scope()) {
                Tensor x = Tensor.randn(5, c, 8, 8);
                assertClose(frozen.predict(x), apart(net, x));
              }
            }
          }
        }
      }
    }
  }

  private static Tensor apart(Sequential net, Tensor x) {
    Tensor y = x;
    for (Layer l : net.children().values()) y = l.predict(y);
    return y;
  }

  private static void assertClose(Tensor y, Tensor expected) {
    assertThat(y.shape()).isEqualTo(expected.shape());
    assertThat(y.sub(expected).abs().max().item()).isLessThan(1e-5f);
  }

  private static void assertSteps(Layer model, double tolerance, String... names) {
    Predictor frozen = model.freeze(3, 8, 8);
    assertSame(model, frozen, tolerance, 3, 8, 8);
    assertThat(frozen.explain().lines().skip(1).map(s -> s.strip().split(" +")[1])).containsExactly(names);
  }

  @Test
  void whatOthersReadIsNotFolded() {
    var conv = new Conv2d(3, 4, 3);
    var bn = used(new BatchNorm2d(4), 4, 6, 6);
    var twice = new Sequential(layer(x -> {
      Tensor h = conv.forward(x);
      return bn.forward(h).add(h);
    }));
    bn.eval();
    Predictor frozen = twice.freeze(3, 8, 8);
    assertThat(frozen.steps()).isEqualTo(3);
    assertSame(twice, frozen, 0, 3, 8, 8);
  }

  @Test
  void statisticsOfTheBatchAreNotFolded() {
    var model = new Sequential(new Conv2d(3, 4, 3), new BatchNorm2d(4).trackRunningStats(false));
    Predictor frozen = model.freeze(3, 8, 8);
    assertThat(frozen.steps()).isEqualTo(2);
    assertSame(model, frozen, 0, 3, 8, 8);
  }

  @Test
  void aSharedLayerIsHeldOnce() {
    var shared = new Linear(6, 6);
    Layer model = layer(x -> shared.forward(shared.forward(x).relu()));
    Predictor frozen = model.freeze(6);
    assertSame(model, frozen, 0, 6);
    assertThat(frozen.toString()).contains("2 steps, 42 weights");
  }
}
