package io.github.einkorn.optim;

/** PyTorch's update rules for one parameter, in double, as its documentation writes them down. */
abstract class Formulas {
  double lr = 0.1;
  double decay;

  abstract void step(double[] p, float[] gradient);

  static final class Sgd extends Formulas {
    double momentum;
    double dampening;
    boolean nesterov;
    private double[] buffer;

    @Override
    void step(double[] p, float[] gradient) {
      boolean first = buffer == null;
      if (first) buffer = new double[p.length];
      for (int i = 0; i < p.length; i++) {
        double g = gradient[i] + decay * p[i];
        if (momentum != 0) {
          buffer[i] = first ? g : momentum * buffer[i] + (1 - dampening) * g;
          g = nesterov ? g + momentum * buffer[i] : buffer[i];
        }
        p[i] -= lr * g;
      }
    }
  }

  static final class Adam extends Formulas {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double eps = 1e-8;
    boolean decoupled;
    private double[] m;
    private double[] v;
    private int t;

    @Override
    void step(double[] p, float[] gradient) {
      if (t++ == 0) {
        m = new double[p.length];
        v = new double[p.length];
      }
      for (int i = 0; i < p.length; i++) {
        double g = gradient[i];
        if (decoupled) p[i] -= lr * decay * p[i];
        else g += decay * p[i];
        m[i] = beta1 * m[i] + (1 - beta1) * g;
        v[i] = beta2 * v[i] + (1 - beta2) * g * g;
        double mHat = m[i] / (1 - Math.pow(beta1, t));
        double vHat = v[i] / (1 - Math.pow(beta2, t));
        p[i] -= lr * mHat / (Math.sqrt(vHat) + eps);
      }
    }
  }
}
