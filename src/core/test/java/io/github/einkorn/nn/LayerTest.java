package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.DType;
import io.github.einkorn.DTypeException;
import io.github.einkorn.Einkorn;
import io.github.einkorn.EinkornException;
import io.github.einkorn.FormatException;
import io.github.einkorn.Memory;
import io.github.einkorn.Scope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.io.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerTest {
  /** Members in an order that differs from that of the state dict. */
  private static final class Block extends Layer {
    final Conv2d conv1 = child("conv1", new Conv2d(2, 4, Window.of(3).pad(1)).bias(false));
    final BatchNorm2d bn1 = child("bn1", new BatchNorm2d(4));
    final Tensor scale = parameter("scale", Tensor.full(2, 1));
    final Tensor steps = buffer("steps", Tensor.of(5L));
    final Sequential head = child("head", new Sequential(new Flatten(), new Linear(4 * 6 * 6, 3)));

    @Override
    public Tensor forward(Tensor x) {
      return head.forward(bn1.forward(conv1.forward(x)).mul(scale));
    }
  }

  private static final class Lone extends Layer {
    @Override
    public Tensor forward(Tensor x) {
      return x.add(1);
    }

    void add(String name, Layer l) {
      child(name, l);
    }

    void add(String name, Tensor t) {
      parameter(name, t);
    }
  }

  @Test
  void stateDictHasPyTorchsNamesAndOrder() {
    var net = new Block();
    // own parameters, own buffers, then the children, each in the order they were registered
    assertThat(net.stateDict().keySet()).containsExactly("scale", "steps", "conv1.weight", "bn1.weight", "bn1.bias",
        "bn1.running_mean", "bn1.running_var", "bn1.num_batches_tracked", "head.1.weight", "head.1.bias");
    assertThat(net.namedParameters().keySet())
        .containsExactly("scale", "conv1.weight", "bn1.weight", "bn1.bias", "head.1.weight", "head.1.bias");
    assertThat(net.stateDict().get("bn1.num_batches_tracked").describe()).isEqualTo("int64 ()");
    assertThat(net.parameters()).containsExactlyElementsOf(net.namedParameters().values())
        .allMatch(Tensor::requiresGrad);
    assertThat(net.parameterCount()).isEqualTo(1 + 4 * 2 * 9 + 4 + 4 + 3 * 144 + 3);
    assertThat(net.children().keySet()).containsExactly("conv1", "bn1", "head");
    assertThat(net.head.get(1).path()).isEqualTo("head.1");
    assertThat(net.path()).isEmpty();
    assertThat(net.layers()).hasSize(6).startsWith(net, net.conv1);
  }

  @Test
  void aSharedParameterIsCountedOnce() {
    var a = new Lone();
    Tensor t = Tensor.ones(3);
    a.add("p", t);
    a.add("q", t);
    assertThat(a.parameters()).containsExactly(t);
    assertThat(a.parameterCount()).isEqualTo(3);
    assertThat(a.stateDict().keySet()).containsExactly("p", "q");
  }

  @Test
  void membersOutliveScopes() {
    Block net;
    try (var s = new Scope()) {
      net = new Block();
    }
    assertThat(net.stateDict().values()).noneMatch(Tensor::isClosed);
    net.reset();
    assertThat(net.scale.item()).isEqualTo(2);
  }

  @Test
  void namesAndParentsAreChecked() {
    var net = new Lone();
    var child = new Linear(2, 2);
    net.add("a", child);
    assertThatThrownBy(() -> net.add("b", child)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Lone: 'b' is already a child: a of Lone");
    assertThatThrownBy(() -> net.add("a", Tensor.ones(1))).hasMessage("Lone: the name 'a' is taken");
    assertThatThrownBy(() -> net.add("a.b", new ReLU())).hasMessageContaining("contain a dot, got 'a.b'");
    assertThatThrownBy(() -> net.add("", new ReLU())).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> net.add(null, new ReLU())).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> net.add("c", (Layer) null)).hasMessage("Lone: 'c' is null");
    assertThatThrownBy(() -> net.add("me", net)).hasMessageContaining("cannot contain itself");
    var outer = new Lone();
    outer.add("inner", net);
    assertThatThrownBy(() -> net.add("outer", outer)).hasMessageContaining("cannot contain itself");
    assertThatThrownBy(() -> net.add("labels", Tensor.of(1L))).isInstanceOf(DTypeException.class);
    assertThat(net.stateDict().keySet()).containsExactly("a.weight", "a.bias");
  }

  @Test
  void errorsNameTheLayerOnce() {
    Tensor x = Tensor.zeros(1, 10);
    assertThatThrownBy(() -> new Linear(3136, 10).forward(x)).isInstanceOf(ShapeException.class)
        .hasMessage("Linear: mat1 and mat2 shapes cannot be multiplied (1x10 and 3136x10)");
    var net = new Sequential().add("fc", new Linear(3136, 10));
    assertThatThrownBy(() -> net.forward(x))
        .hasMessage("fc (Linear): mat1 and mat2 shapes cannot be multiplied (1x10 and 3136x10)");
    var deep = new Sequential().add("block", new Sequential(new ReLU(), new Linear(3136, 10)));
    assertThatThrownBy(() -> deep.forward(x)).hasMessageStartingWith("block.1 (Linear): mat1");
    var own = new Layer() {
      @Override
      public Tensor forward(Tensor t) {
        return t.reshape(3);
      }
    };
    assertThatThrownBy(() -> own.predict(x)).hasMessageStartingWith("Layer: reshape");
    assertThatThrownBy(() -> new Sequential(own).forward(x)).hasMessageStartingWith("0 (Layer): reshape");
    assertThat(new ShapeException("what").in(null)).hasMessage("what");
  }

  @Test
  void loadStateDictCopiesAllOrNothing() {
    Einkorn.seed(1);
    var from = new Block();
    var to = new Block();
    from.scale.fillInPlace(3);
    from.steps.fillInPlace(8);
    to.loadStateDict(from.stateDict());
    from.stateDict().forEach((name, t) -> assertThat(values(to.stateDict().get(name))).as(name).isEqualTo(values(t)));
    assertThat(to.scale).isNotSameAs(from.scale);
    from.scale.fillInPlace(4);
    assertThat(to.scale.item()).as("a copy").isEqualTo(3);

    Map<String, Tensor> bad = new LinkedHashMap<>(from.stateDict());
    bad.remove("scale");
    bad.remove("bn1.bias");
    bad.put("other", Tensor.ones(1));
    bad.put("head.1.bias", Tensor.ones(4));
    bad.put("steps", Tensor.ones(1));
    float[] before = to.conv1.weight().toFloats();
    from.conv1.weight().fillInPlace(9);
    assertThatThrownBy(() -> to.loadStateDict(bad)).isInstanceOf(EinkornException.class)
        .hasMessage("""
            this state does not fit Block:
              missing: scale, bn1.bias
              unexpected: other
              steps: expected int64 (1), got float32 (1)
              head.1.bias: expected float32 (3), got float32 (4)""");
    assertThat(to.conv1.weight().toFloats()).isEqualTo(before);
    to.loadStateDict(to.stateDict());
    assertThat(to.conv1.weight().toFloats()).isEqualTo(before);
  }

  private static String values(Tensor t) {
    return Arrays.toString(t.to(DType.FLOAT32).toFloats());
  }

  @Test
  void savesAndLoads(@TempDir Path dir) throws Exception {
    var net = new Block();
    Path file = dir.resolve("net.safetensors");
    net.save(file);
    assertThat(Safetensors.metadata(file)).containsEntry("format", "pt");
    var copy = new Block();
    copy.load(file);
    Linear saved = (Linear) net.head.get(1), loaded = (Linear) copy.head.get(1);
    assertThat(loaded.weight().toFloats()).isEqualTo(saved.weight().toFloats());
    assertThat(copy.stateDict().values()).noneMatch(Tensor::isClosed);
    assertThatThrownBy(() -> new Linear(2, 2).load(file)).isInstanceOf(EinkornException.class)
        .hasMessageContaining("net.safetensors: this state does not fit Linear")
        .hasMessageContaining("missing: weight, bias");
    Files.write(file, new byte[] {1, 2, 3});
    assertThatThrownBy(() -> copy.load(file)).isInstanceOf(FormatException.class);
  }

  @Test
  void resetDrawsFromTheSeedAndRestoresTheRest() {
    Einkorn.seed(3);
    var net = new Block();
    float[] built = net.conv1.weight().toFloats();
    net.scale.fillInPlace(7);
    net.steps.fillInPlace(6);
    net.bn1.runningMean().fillInPlace(1);
    Einkorn.seed(5);
    net.reset();
    float[] first = net.conv1.weight().toFloats(), head = net.head.get(1).parameters().get(0).toFloats();
    assertThat(first).isNotEqualTo(built);
    assertThat(net.scale.item()).isEqualTo(2);
    assertThat(net.steps.toLongs()).containsExactly(5);
    assertThat(net.bn1.runningMean().toFloats()).containsOnly(0);
    net.reset();
    assertThat(net.conv1.weight().toFloats()).isNotEqualTo(first);
    Einkorn.seed(5);
    net.reset();
    assertThat(net.conv1.weight().toFloats()).isEqualTo(first);
    assertThat(net.head.get(1).parameters().get(0).toFloats()).isEqualTo(head);
    assertThat(net.parameters()).allMatch(Tensor::requiresGrad);

    Einkorn.seed(11);
    var made = new Sequential(new Linear(3, 4), new Linear(4, 2));
    float[] asMade = made.parameters().get(2).toFloats();
    Einkorn.seed(11);
    made.reset();
    assertThat(made.parameters().get(2).toFloats()).as("construction draws in the same order").isEqualTo(asMade);
  }

  @Test
  void modesReachChildren() {
    var net = new Block();
    assertThat(net.isTraining()).isTrue();
    assertThat(net.eval()).isSameAs(net);
    assertThat(net.layers()).noneMatch(Layer::isTraining);
    net.train();
    assertThat(net.layers()).allMatch(Layer::isTraining);
  }

  @Test
  void predictEvaluatesAndRestoresTheModes() {
    var net = new Block();
    net.bn1.eval(); // frozen while the rest trains
    Tensor x = Tensor.randn(3, 2, 6, 6);
    Tensor batch = net.predict(x);
    assertThat(batch.dim(0)).isEqualTo(3);
    assertThat(batch.requiresGrad()).isFalse();
    assertThat(net.isTraining()).isTrue();
    assertThat(net.bn1.isTraining()).isFalse();
    Tensor one = net.predict(x.select(0, 1));
    assertThat(one.shape().dims()).containsExactly(3);
    float[] all = batch.toFloats();
    float[] expected = {all[3], all[4], all[5]};
    assertThat(one.toFloats()).containsExactly(expected, within(1e-5f));
    assertThatThrownBy(() -> net.predict(Tensor.zeros(5, 6, 6))).isInstanceOf(ShapeException.class)
        .hasMessageStartingWith("conv1 (Conv2d): ");
    assertThat(net.isTraining()).isTrue();
    assertThat(net.head.isTraining()).isTrue();
    assertThat(net.bn1.isTraining()).isFalse();
  }

  @Test
  void predictFreesWhatIsMadeOnTheWay() {
    var net = new Block();
    try (var s = new Scope()) {
      Tensor x = Tensor.randn(1, 2, 6, 6);
      for (int i = 0; i < 3; i++) net.predict(x).close(); // native caches of weights fill up
      long before = Memory.used();
      Tensor y = net.predict(x);
      long after = Memory.used();
      assertThat(after - before).isBetween(1L, 4096L);
      y.close();
      assertThat(Memory.used()).isEqualTo(before);
      assertThat(x.isClosed()).isFalse();
      Tensor same = new Identity().predict(x);
      same.close();
      assertThat(x.isClosed()).isFalse();
      x.toFloats();
    }
  }

  @Test
  void predictTellsSamplesFromBatches() {
    var mlp = new Sequential(new Flatten(), new Linear(12, 2));
    assertThat(mlp.predict(Tensor.zeros(12)).shape().dims()).containsExactly(2);
    assertThat(mlp.predict(Tensor.zeros(1, 3, 4)).shape().dims()).as("(C, H, W)").containsExactly(2);
    assertThat(mlp.predict(Tensor.zeros(5, 1, 3, 4)).shape().dims()).containsExactly(5, 2);
    assertThat(mlp.predict(Tensor.zeros(5, 3, 4)).shape().dims()).as("does not fit as a sample").containsExactly(5, 2);
    assertThat(mlp.predict(Tensor.zeros(3, 4)).shape().dims()).as("does not fit as a batch").containsExactly(2);
    assertThat(new Linear(12, 2).predict(Tensor.zeros(12)).shape().dims()).containsExactly(2);
    assertThat(new Linear(12, 2).predict(Tensor.zeros(1, 12)).shape().dims()).containsExactly(1, 2);
    var conv = new Sequential(new Dropout(0.5), new Conv2d(3, 4, 3), new GlobalAvgPool2d(), new Flatten());
    assertThat(conv.predict(Tensor.zeros(3, 5, 5)).shape().dims()).containsExactly(4);
    assertThat(conv.predict(Tensor.zeros(1, 3, 5, 5)).shape().dims()).containsExactly(1, 4);
  }

  @Test
  void hooksSeeOutputsUntilRemoved() {
    var seen = new ArrayList<String>();
    var net = new Sequential(new Linear(3, 2), new Lone());
    Runnable remove = net.get(0).onForward((l, y) -> seen.add(l.path() + " " + y.shape()));
    net.get(1).onForward((l, y) -> seen.add(l.path() + " " + y.shape()));
    net.onForward((l, y) -> seen.add("all " + y.shape()));
    net.forward(Tensor.zeros(4, 3));
    assertThat(seen).containsExactly("0 (4, 2)", "1 (4, 2)", "all (4, 2)");
    remove.run();
    net.forward(Tensor.zeros(4, 3));
    assertThat(seen.subList(3, seen.size())).isEqualTo(List.of("1 (4, 2)", "all (4, 2)"));
    assertThatThrownBy(() -> net.onForward(null)).isInstanceOf(NullPointerException.class).hasMessage("hook");
  }

  @Test
  void printsAsPyTorch() {
    assertThat(new Block()).hasToString("""
        Block(
          (conv1): Conv2d(2, 4, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), bias=False)
          (bn1): BatchNorm2d(4, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
          (head): Sequential(
            (0): Flatten(start_dim=1, end_dim=-1)
            (1): Linear(in_features=144, out_features=3, bias=True)
          )
        )""");
    assertThat(new Lone()).hasToString("Lone()");
    assertThat(new Sequential()).hasToString("Sequential()");
  }

  @Test
  void aLayerOfOnesOwnTrains() {
    Einkorn.seed(2);
    var net = new Block();
    try (var s = new Scope()) {
      net.forward(Tensor.randn(2, 2, 6, 6)).square().mean().backward();
    }
    assertThat(net.namedParameters()).allSatisfy((name, p) -> {
      assertThat(p.grad()).as(name).isNotNull();
      assertThat(p.grad().shape()).isEqualTo(p.shape());
    });
    assertThat(net.bn1.stateDict().get("num_batches_tracked").toLongs()).containsExactly(1);
  }
}
