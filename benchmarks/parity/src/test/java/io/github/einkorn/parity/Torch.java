package io.github.einkorn.parity;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.StringTensorDict;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** PyTorch's Java preset, computing in float or, as the reference, in double. Images and kernels have a format. */
record Torch(ScalarType type, int threads, MemoryFormat format) implements Library<Tensor> {
  static final Torch DOUBLE = new Torch(ScalarType.Double, 2, MemoryFormat.Contiguous);
  static final Torch FLOAT = new Torch(ScalarType.Float, 2, MemoryFormat.Contiguous);

  static {
    torch.globalContext().setUserEnabledNNPACK(false); // where it does not know the processor it warns at each call
  }

  /** The ways in which PyTorch itself computes the same, with different roundings. */
  static final List<Torch> FLOATS = List.of(FLOAT, new Torch(ScalarType.Float, 1, MemoryFormat.Contiguous),
      new Torch(ScalarType.Float, 2, MemoryFormat.ChannelsLast));

  static long[] longs(int... x) {
    long[] y = new long[x.length];
    for (int i = 0; i < y.length; i++) y[i] = x[i];
    return y;
  }

  @Override
  public Tensor of(Input x) {
    long[] shape = longs(x.shape());
    if (x.longs() != null) return torch.tensor(x.longs()).to(ScalarType.Long).reshape(shape);
    return formatted(torch.tensor(x.floats()).to(type).reshape(shape)).set_requires_grad(x.grad());
  }

  private Tensor formatted(Tensor t) {
    return t.dim() == 4 ? t.contiguous(format) : t;
  }

  @Override
  public Values read(Tensor t) {
    int[] shape = new int[(int) t.dim()];
    for (int i = 0; i < shape.length; i++) shape[i] = (int) t.size(i);
    Tensor d = t.detach().to(ScalarType.Double).contiguous();
    double[] v = new double[(int) t.numel()];
    d.data_ptr_double().get(v);
    return new Values(shape, v, !t.is_floating_point());
  }

  @Override
  public Tensor grad(Tensor leaf) {
    Tensor g = leaf.grad();
    return g.defined() ? g : null;
  }

  @Override
  public boolean requiresGrad(Tensor t) {
    return t.requires_grad();
  }

  @Override
  public void backward(Tensor y, Tensor gy) {
    y.backward(gy, new BoolOptional(), false, new TensorArrayRefOptional());
  }

  @Override
  public Tensor mse(Tensor y, Tensor target) {
    return torch.mse_loss(y, target);
  }

  @Override
  public Tensor crossEntropy(Tensor logits, Tensor labels) {
    return torch.cross_entropy_loss(logits, labels);
  }

  static TensorVector vector(List<Tensor> tensors) {
    return new TensorVector(tensors.toArray(new Tensor[0]));
  }

  @Override
  public Optimizer sgd(List<Tensor> parameters, double lr, double momentum) {
    var options = new SGDOptions(lr);
    options.momentum().put(momentum);
    return wrap(new SGD(vector(parameters), options));
  }

  @Override
  public Optimizer adam(List<Tensor> parameters, double lr) {
    return wrap(new Adam(vector(parameters), new AdamOptions(lr)));
  }

  static Optimizer wrap(org.bytedeco.pytorch.Optimizer optimizer) {
    return new Optimizer() {
      @Override
      public void zeroGrad() {
        optimizer.zero_grad();
      }

      @Override
      public void step() {
        optimizer.step();
      }
    };
  }

  @Override
  public void scoped(Runnable work) {
    torch.set_num_threads(threads);
    try (var scope = new PointerScope()) {
      work.run();
    }
  }

  static Map<String, Tensor> map(StringTensorDict dict) {
    var all = new LinkedHashMap<String, Tensor>();
    for (long i = 0; i < dict.size(); i++) all.put(dict.get(i).key().getString(), dict.get(i).value());
    return all;
  }

  /** A module in this library's precision; its counters stay int64, unlike under {@code Module.to}. */
  Model<Tensor> model(Module module, UnaryOperator<Tensor> forward) {
    for (var dict : List.of(module.named_parameters(), module.named_buffers())) {
      for (Tensor t : map(dict).values()) if (t.is_floating_point()) t.set_data(formatted(t.to(type)));
    }
    return new Model<>() {
      @Override
      public Tensor forward(Tensor x) {
        return forward.apply(x);
      }

      @Override
      public Map<String, Tensor> parameters() {
        return map(module.named_parameters());
      }

      @Override
      public Map<String, Tensor> buffers() {
        return map(module.named_buffers());
      }

      @Override
      public void train(boolean on) {
        module.train(on);
      }

      @Override
      public void set(Tensor tensor, Tensor value) {
        try (var off = new NoGradGuard()) {
          tensor.copy_(value);
        }
      }
    };
  }
}
