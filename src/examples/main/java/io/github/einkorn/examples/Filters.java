package io.github.einkorn.examples;

import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.Batch;
import io.github.einkorn.data.Dataset;
import io.github.einkorn.nn.Activations;
import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.MaxPool2d;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.nn.Window;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/**
 * The filters of {@link SimpleConvNet}'s first layer before and after training: noise, then edges and blobs. And what
 * three layers of convolution, one on top of the other, make of a digit: the deeper, the less of an image and the more
 * of a meaning.
 *
 * <p>The lecture shows both by pictures. In numbers of ours: neighbouring weights of a filter are not correlated before
 * training (1,200 pairs, so within 0.1), and are after it; and the nearest mean of a class is right the more often, the
 * deeper the layer in whose values it is sought.
 */
@Command(name = "Filters", header = "S4", description = "Filters before and after training, feature maps by depth")
final class Filters extends MnistExample {
  private static final List<String> DEPTHS = List.of("pool1", "pool2", "relu3");

  @Override
  List<Figure> run() throws IOException {
    Dataset train = mnistTrain();
    Dataset test = mnistTest();
    var net = new io.github.einkorn.models.SimpleConvNet();
    Tensor filters = net.namedParameters().get("conv1.weight").detach(); // sees what training does to them
    Tensor before = filters.copy();
    SimpleConvNet.fit(net, train, test, epochs(5, 8));
    var tiles = new LinkedHashMap<String, Tensor>();
    tiles.put("before training", before);
    tiles.put("after training", filters);
    Pictures.tiles(picture("filters.png"), "First layer of SimpleConvNet: least weight black, greatest white", tiles);
    System.out.printf("Correlation of neighbouring weights: %.3f before, %.3f after%n", likeness(before),
        likeness(filters));

    Sequential deep = deep();
    SimpleConvNet.fit(deep, train, test, epochs(3, 8));
    Tensor digit = test.get(0).x().unsqueeze(0);
    var maps = new LinkedHashMap<String, Tensor>();
    maps.put("image", digit);
    Activations.of(deep, digit).forEach((name, map) -> {
      if (name.startsWith("relu")) maps.put(name, map);
    });
    Pictures.featureMaps(picture("maps.png"), "A digit by depth", maps);
    Map<String, Double> meaning = meaning(deep, train, test);
    meaning.forEach((layer, right) -> System.out.printf("%s: the nearest mean of a class is right for %.3f of images%n",
        layer, right));
    return List.of(
        Figure.equal("filters", "(30, 1, 5, 5)", filters.shape().toString()),
        Figure.near("correlation of neighbouring weights before training", 0, 0.1, likeness(before)).own(),
        Figure.atLeast("and after", 0.2, likeness(filters)).own(),
        Figure.holds("nearest class mean: the deeper, the more often right",
            meaning.get(DEPTHS.get(0)) < meaning.get(DEPTHS.get(1))
                && meaning.get(DEPTHS.get(1)) < meaning.get(DEPTHS.get(2))).own());
  }

  private static Sequential deep() {
    return new Sequential()
        .add("conv1", new Conv2d(1, 16, Window.same(3))).add("relu1", new ReLU()).add("pool1", new MaxPool2d(2))
        .add("conv2", new Conv2d(16, 32, Window.same(3))).add("relu2", new ReLU()).add("pool2", new MaxPool2d(2))
        .add("conv3", new Conv2d(32, 64, Window.same(3))).add("relu3", new ReLU())
        .add("flatten", new Flatten()).add("digit", new Linear(64 * 7 * 7, 10));
  }

  /** The mean product of weights side by side or one above the other, less their filter's mean, of the mean square. */
  private static double likeness(Tensor filters) {
    try (var scope = new Scope()) {
      Tensor w = filters.sub(filters.mean(true, 2, 3));
      int n = w.dim(2) - 1;
      Tensor across = w.narrow(3, 0, n).mul(w.narrow(3, 1, n)).mean();
      Tensor down = w.narrow(2, 0, n).mul(w.narrow(2, 1, n)).mean();
      return across.add(down).div(2).div(w.square().mean()).item();
    }
  }

  /** How often an image is nearest to the mean of its class, by its pixels and by what layers make of them. */
  private static Map<String, Double> meaning(Layer net, Dataset train, Dataset test) {
    try (var scope = new Scope(); var off = new NoGrad()) {
      Batch known = Loop.first(1000, train);
      Batch asked = Loop.first(1000, test);
      Tensor members = Tensor.oneHot(known.y(), 10).t();
      Tensor share = members.div(members.sum(true, 1)); // (10, N): rows that take a mean
      Map<String, Tensor> of = Activations.of(net, known.x());
      Map<String, Tensor> to = Activations.of(net, asked.x());
      var right = new LinkedHashMap<String, Double>();
      right.put("pixels", nearest(share.matmul(known.x().flatten(1)), asked.x().flatten(1), asked.y()));
      for (String name : DEPTHS) {
        right.put(name, nearest(share.matmul(of.get(name).flatten(1)), to.get(name).flatten(1), asked.y()));
      }
      return right;
    }
  }

  /** |v - m|² is least where v·m - |m|²/2 is greatest. */
  private static double nearest(Tensor means, Tensor values, Tensor labels) {
    Tensor score = values.matmul(means.t()).sub(means.square().sum(1).div(2));
    return score.argmax(1).eq(labels).mean().item();
  }
}
