package io.github.einkorn.parity;

import io.github.einkorn.parity.Library.Model;
import io.github.einkorn.parity.Library.Optimizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntPredicate;

/** What is computed for a case, in whichever library: named numbers, to be compared. */
final class Drive<T> {
  private final Library<T> lib;
  private final Map<String, Values> results = new LinkedHashMap<>();

  Drive(Library<T> lib) {
    this.lib = lib;
  }

  private void put(String name, T value) {
    results.put(name, lib.read(value));
  }

  private void putAll(String when, Map<String, T> values) {
    values.forEach((name, t) -> put(when + " " + name, t));
  }

  /** Backward from weights drawn for y's shape. */
  private void backward(T y) {
    lib.backward(y, lib.of(Input.weights(lib.read(y).shape(), 1)));
  }

  private void gradient(String name, T leaf) {
    T g = lib.grad(leaf);
    if (g != null) put("gradient of " + name, g);
  }

  /** The result of a function, and its gradients where it has some. */
  Map<String, Values> function(Function<List<T>, T> f, List<Input> inputs) {
    lib.scoped(() -> {
      List<T> x = inputs.stream().map(lib::of).toList();
      T y = f.apply(x);
      put("output", y);
      if (lib.requiresGrad(y)) backward(y);
      for (int i = 0; i < x.size(); i++) gradient("input " + i, x.get(i));
    });
    return results;
  }

  /** Outputs and gradients in evaluation and training, then three steps of SGD. */
  Map<String, Values> layer(Function<Library<T>, Model<T>> make, Input input) {
    lib.scoped(() -> {
      Model<T> model = initialised(make);
      Optimizer sgd = sgd(model);
      T target = null;
      for (boolean training : new boolean[] {false, true}) {
        String mode = training ? "training: " : "evaluation: ";
        sgd.zeroGrad();
        model.train(training);
        T x = lib.of(input), y = model.forward(x);
        target = lib.of(Input.weights(lib.read(y).shape(), 2));
        put(mode + "output", y);
        backward(y);
        gradient(mode + "input", x);
        model.parameters().forEach((name, p) -> gradient(mode + name, p));
        putAll(mode, model.buffers());
      }
      if (model.parameters().isEmpty()) return;
      T x = lib.of(input.fixed());
      for (int step = 0; step < 3; step++) {
        sgd.zeroGrad();
        T loss = lib.mse(model.forward(x), target);
        lib.backward(loss, lib.of(Input.of("", 1).fixed()));
        sgd.step();
      }
      putAll("three steps:", model.parameters());
      putAll("three steps:", model.buffers());
    });
    return results;
  }

  private Optimizer sgd(Model<T> model) {
    List<T> parameters = List.copyOf(model.parameters().values());
    if (!parameters.isEmpty()) return lib.sgd(parameters, 0.05, 0.9);
    return new Optimizer() {
      @Override
      public void zeroGrad() {}

      @Override
      public void step() {}
    };
  }

  /** Parameters after 3 and after 50 steps with given gradients, of which two parameters lack some. */
  Map<String, Values> optimizer(Function<List<T>, Optimizer> make) {
    return steps(make, 50, step -> step == 3 || step == 50, "17", "3x4", "1", "6x5x3x3", "33x65");
  }

  static final int STEPS = 40;

  /** The same for small parameters, after each of STEPS steps. */
  Map<String, Values> scheduler(Function<List<T>, Optimizer> make) {
    return steps(make, STEPS, step -> true, "17", "3x4", "5");
  }

  private Map<String, Values> steps(Function<List<T>, Optimizer> make, int steps, IntPredicate shown,
      String... shapes) {
    lib.scoped(() -> {
      List<T> p = new ArrayList<>();
      for (String shape : shapes) p.add(lib.of(Input.normal(shape)));
      Optimizer optimizer = make.apply(p);
      for (int step = 1; step <= steps; step++) {
        optimizer.zeroGrad();
        for (int k = 0; k < p.size(); k++) {
          boolean lacking = k == 0 && step < 3 || k == 1 && step % 2 == 0;
          if (!lacking) lib.backward(p.get(k), lib.of(Input.weights(lib.read(p.get(k)).shape(), 100L * step + k)));
        }
        optimizer.step();
        for (int k = 0; k < p.size() && shown.test(step); k++) put(step + " steps: parameter " + k, p.get(k));
      }
    });
    return results;
  }

  /** The losses of 20 steps, and what they lead to. */
  Map<String, Values> net(Function<Library<T>, Model<T>> make, Input images, Input labels, String kind) {
    lib.scoped(() -> {
      Model<T> model = initialised(make);
      model.train(true);
      Optimizer optimizer = optimizer(kind, List.copyOf(model.parameters().values()));
      T x = lib.of(images.fixed()), y = lib.of(labels);
      double[] losses = new double[20];
      for (int step = 0; step < losses.length; step++) {
        int now = step;
        lib.scoped(() -> {
          optimizer.zeroGrad();
          T loss = lib.crossEntropy(model.forward(x), y);
          losses[now] = lib.read(loss).v()[0];
          lib.backward(loss, lib.of(Input.of("", 1).fixed()));
          if (now == 0) model.parameters().forEach((name, p) -> gradient("first step: " + name, p));
          optimizer.step();
        });
      }
      results.put("losses", new Values(new int[] {losses.length}, losses, false));
      putAll("20 steps:", model.parameters());
      putAll("20 steps:", model.buffers());
    });
    return results;
  }

  private Optimizer optimizer(String kind, List<T> parameters) {
    return switch (kind) {
      case "SGD" -> lib.sgd(parameters, 0.01, 0.9);
      case "Adam" -> lib.adam(parameters, 1e-3);
      default -> throw new IllegalArgumentException("no optimizer " + kind);
    };
  }

  private Model<T> initialised(Function<Library<T>, Model<T>> make) {
    Model<T> model = make.apply(lib);
    for (Map<String, T> all : List.of(model.parameters(), model.buffers())) {
      all.forEach((name, t) -> {
        Values v = lib.read(t);
        if (!v.exact()) model.set(t, lib.of(initial(name, v.shape())));
      });
    }
    return model;
  }

  /** Weights keep the scale of their input; what has one dimension is such that it shows. */
  private static Input initial(String name, int[] shape) {
    float[] x = Input.weights(shape, name.hashCode()).floats();
    double fanIn = x.length / (double) shape[0];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (shape.length > 1 ? x[i] * Math.sqrt(1.5 / fanIn)
          : name.endsWith("running_var") ? 0.5 + Math.abs(x[i])
          : name.endsWith("weight") ? 1 + 0.2 * x[i] : 0.2 * x[i]);
    }
    return new Input(shape, x, null, false);
  }
}
