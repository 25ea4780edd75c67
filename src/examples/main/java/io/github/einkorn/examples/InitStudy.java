package io.github.einkorn.examples;

import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Init;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;

/** What the initial weights do to the activations and the gradients of five layers of 100 neurons. */
@Command(name = "InitStudy", header = "S0, S1",
    description = "Activations and vanishing gradients by initialization and activation function")
final class InitStudy extends Example {
  private static final int LAYERS = 5;
  private static final int NEURONS = 100;

  private static final Map<String, UnaryOperator<Tensor>> ACTIVATIONS = new LinkedHashMap<>();
  private static final Map<String, Consumer<Tensor>> INITS = new LinkedHashMap<>();

  static {
    ACTIVATIONS.put("sigmoid", Tensor::sigmoid);
    ACTIVATIONS.put("tanh", Tensor::tanh);
    ACTIVATIONS.put("ReLU", Tensor::relu);
    INITS.put("N(0, 1)", w -> Init.normal(w, 0, 1));
    INITS.put("std 0.01", w -> Init.normal(w, 0, 0.01));
    INITS.put("Xavier", Init::xavierNormal);
    INITS.put("He", Init::heNormal);
  }

  /** Of one net: the activations of each layer, and the mean size of the gradients of each layer's weights. */
  private record Walk(Map<String, float[]> activations, List<Double> gradients) {
    double deviation(int layer) {
      float[] a = activations.get("layer " + layer);
      double mean = 0;
      for (float v : a) mean += v / a.length;
      double variance = 0;
      for (float v : a) variance += (v - mean) * (v - mean) / a.length;
      return Math.sqrt(variance);
    }

    /** The share of the last layer's activations that lie within 0.05 of either end. */
    double saturated(double low, double high) {
      float[] a = activations.get("layer " + LAYERS);
      int n = 0;
      for (float v : a) if (v < low + 0.05 || v > high - 0.05) n++;
      return n / (double) a.length;
    }

    /** How much of the gradient is left in the first layer, of what the last one has. */
    double left() {
      return gradients.get(0) / gradients.get(LAYERS - 1);
    }
  }

  @Override
  List<Figure> run() throws IOException {
    var all = new LinkedHashMap<String, Map<String, Walk>>();
    for (var activation : ACTIVATIONS.entrySet()) {
      String name = activation.getKey();
      var walks = new LinkedHashMap<String, Walk>();
      System.out.printf("%n%s%n%-9s %s   %s%n", name, "weights", "deviation of the activations, layers 1 to 5",
          "mean |gradient| of the weights, layers 1 to 5");
      INITS.forEach((init, fill) -> {
        Walk walk = walk(activation.getValue(), fill);
        walks.put(init, walk);
        System.out.printf("%-9s", init);
        for (int l = 1; l <= LAYERS; l++) System.out.printf(" %8.1e", walk.deviation(l));
        System.out.print("  ");
        for (double g : walk.gradients) System.out.printf(" %8.1e", g);
        System.out.println();
      });
      all.put(name, walks);

      var rows = new LinkedHashMap<String, Map<String, float[]>>();
      var gradients = new LinkedHashMap<String, List<Double>>();
      walks.forEach((init, walk) -> {
        rows.put(init, walk.activations);
        gradients.put(init, walk.gradients);
      });
      double low = name.equals("tanh") ? -1 : 0;
      Pictures.histogramGrid(picture(name + "-activations.png"), "Activations of " + name + " by initial weights",
          rows, low, name.equals("ReLU") ? 3 : 1);
      Pictures.curves(picture(name + "-gradients.png"), "Gradients of the weights, " + name, "layer",
          "mean |gradient|", gradients);
    }
    Map<String, Walk> sigmoid = all.get("sigmoid");
    Map<String, Walk> tanh = all.get("tanh");
    Map<String, Walk> relu = all.get("ReLU");
    return List.of(
        Figure.atLeast("sigmoid, N(0, 1): saturated", 0.5, sigmoid.get("N(0, 1)").saturated(0, 1)).own(),
        Figure.atMost("sigmoid, std 0.01: deviation", 0.05, sigmoid.get("std 0.01").deviation(LAYERS)).own(),
        Figure.atMost("sigmoid, Xavier: gradient left", 0.05, sigmoid.get("Xavier").left()).own(),
        Figure.atLeast("tanh, N(0, 1): saturated", 0.8, tanh.get("N(0, 1)").saturated(-1, 1)).own(),
        Figure.atMost("tanh, std 0.01: deviation", 0.0001, tanh.get("std 0.01").deviation(LAYERS)).own(),
        Figure.atLeast("tanh, Xavier: gradient left", 0.5, tanh.get("Xavier").left()).own(),
        Figure.atMost("ReLU, Xavier: deviation shrinks", 0.5, shrinks(relu.get("Xavier"))).own(),
        Figure.atLeast("ReLU, He: deviation stays", 0.6, shrinks(relu.get("He"))).own());
  }

  private static double shrinks(Walk walk) {
    return walk.deviation(LAYERS) / walk.deviation(1);
  }

  /** 1,000 inputs of N(0, 1) go through the layers; back comes the gradient of N(0, 1) values times the output. */
  private static Walk walk(UnaryOperator<Tensor> activation, Consumer<Tensor> init) {
    try (var scope = new Scope()) {
      var weights = new ArrayList<Tensor>();
      for (int l = 0; l < LAYERS; l++) {
        Tensor w = Tensor.empty(Shape.of(NEURONS, NEURONS));
        init.accept(w);
        weights.add(w.requiresGrad(true));
      }
      var activations = new LinkedHashMap<String, float[]>();
      Tensor x = Tensor.randn(1000, NEURONS);
      for (Tensor w : weights) {
        x = activation.apply(x.matmul(w));
        activations.put("layer " + (activations.size() + 1), x.toFloats());
      }
      x.mul(Tensor.randn(1000, NEURONS)).mean().backward();
      var gradients = new ArrayList<Double>();
      try (var off = new NoGrad()) {
        for (Tensor w : weights) gradients.add((double) w.grad().abs().mean().item());
      }
      return new Walk(activations, gradients);
    }
  }
}
