package io.github.einkorn.parity;

import io.github.einkorn.DType;
import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Functional;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.optim.Adam;
import io.github.einkorn.optim.SGD;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Einkorn. */
final class Ours implements Library<Tensor> {
  static final Ours LIBRARY = new Ours();

  @Override
  public Tensor of(Input x) {
    return x.longs() != null ? Tensor.of(x.longs(), x.shape())
        : Tensor.of(x.floats(), x.shape()).requiresGrad(x.grad());
  }

  @Override
  public Values read(Tensor t) {
    double[] v = new double[(int) t.size()];
    if (t.dtype() == DType.INT64) {
      long[] x = t.toLongs();
      for (int i = 0; i < v.length; i++) v[i] = x[i];
    } else {
      float[] x = t.dtype() == DType.FLOAT32 ? t.toFloats() : t.to(DType.FLOAT32).toFloats();
      for (int i = 0; i < v.length; i++) v[i] = x[i];
    }
    return new Values(t.shape().dims(), v, t.dtype() != DType.FLOAT32);
  }

  @Override
  public Tensor grad(Tensor leaf) {
    return leaf.grad();
  }

  @Override
  public boolean requiresGrad(Tensor t) {
    return t.requiresGrad();
  }

  @Override
  public void backward(Tensor y, Tensor gy) {
    y.backward(gy);
  }

  @Override
  public Tensor mse(Tensor y, Tensor target) {
    return Functional.mseLoss(y, target);
  }

  @Override
  public Tensor crossEntropy(Tensor logits, Tensor labels) {
    return Functional.crossEntropy(logits, labels);
  }

  @Override
  public Optimizer sgd(List<Tensor> parameters, double lr, double momentum) {
    return wrap(new SGD(parameters, lr).momentum(momentum));
  }

  @Override
  public Optimizer adam(List<Tensor> parameters, double lr) {
    return wrap(new Adam(parameters, lr));
  }

  static Optimizer wrap(io.github.einkorn.optim.Optimizer optimizer) {
    return new Optimizer() {
      @Override
      public void zeroGrad() {
        optimizer.zeroGrad();
      }

      @Override
      public void step() {
        optimizer.step();
      }
    };
  }

  @Override
  public void scoped(Runnable work) {
    try (var scope = new Scope()) {
      work.run();
    }
  }

  static Model<Tensor> model(Layer layer) {
    return new Model<>() {
      @Override
      public Tensor forward(Tensor x) {
        return layer.forward(x);
      }

      @Override
      public Map<String, Tensor> parameters() {
        return layer.namedParameters();
      }

      @Override
      public Map<String, Tensor> buffers() {
        var all = new LinkedHashMap<>(layer.stateDict());
        all.keySet().removeAll(layer.namedParameters().keySet());
        return all;
      }

      @Override
      public void train(boolean on) {
        layer.train(on);
      }

      @Override
      public void set(Tensor tensor, Tensor value) {
        try (var off = new NoGrad()) {
          tensor.copyInPlace(value);
        }
      }
    };
  }
}
