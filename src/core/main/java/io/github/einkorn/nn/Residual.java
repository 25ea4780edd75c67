package io.github.einkorn.nn;

import io.github.einkorn.NoGrad;
import io.github.einkorn.Tensor;
import io.github.einkorn.ops.Activation;

/**
 * y = f(x) + s(x), or its ReLU: f are the layers, one after the other, and s is the shortcut, x itself unless set
 * (He et al. 2015, <a href="https://arxiv.org/abs/1512.03385">Deep Residual Learning</a>).
 *
 * <pre>{@code
 * var block = new Residual(new Conv2d(8, 8, Window.same(3)), new ReLU(), new Conv2d(8, 8, Window.same(3))).relu(true);
 * }</pre>
 *
 * <p>Sum and ReLU are computed in one pass, and in training a {@link BatchNorm2d} at the end of f with them. Everything
 * about {@link Sequential} holds for the layers of f.
 */
public class Residual extends Sequential {
  private Layer shortcut;
  private boolean relu;

  /**
   * The layers of f; more can be added.
   *
   * @throws IllegalArgumentException if one is null or already part of a layer
   */
  public Residual(Layer... layers) {
    super(layers);
  }

  /**
   * What the input passes through on its way around the layers, by name; usually a convolution that fits its shape to
   * that of f(x). Returns this.
   *
   * @throws IllegalArgumentException if the name is taken, empty or has a dot, if the layer is already part of one, or
   *     if there is a shortcut
   */
  public final Residual shortcut(String name, Layer layer) {
    if (shortcut != null) throw new IllegalArgumentException(type() + " already has a shortcut, " + shortcut.label());
    shortcut = child(name, layer);
    return this;
  }

  /** Whether y is the ReLU of the sum; the default is false. Returns this. */
  public final Residual relu(boolean wanted) {
    relu = wanted;
    return this;
  }

  @Override
  final Tensor compute(Tensor x) {
    BatchNorm2d norm = size() > 0 && Fusion.takesSum(get(-1)) ? (BatchNorm2d) get(-1) : null;
    Tensor f = through(x, norm == null ? size() : size() - 1), s = shortcut == null ? x : shortcut.run(x);
    Tensor y = sum(f, norm, s);
    if (!NoGrad.isRecording() && isPlain()) {
      if (f != x) f.close();
      if (s != x) s.close();
    }
    return y;
  }

  /** Of f, normalized unless norm is null, and s. */
  private Tensor sum(Tensor f, BatchNorm2d norm, Tensor s) {
    if (norm != null && f.shape().equals(s.shape())) {
      return norm.run(f, s, relu ? Activation.RELU : Activation.IDENTITY);
    }
    Tensor normal = norm == null ? f : norm.run(f);
    return relu ? Functional.addRelu(normal, s) : normal.add(s);
  }
}
