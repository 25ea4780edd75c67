package io.github.einkorn.optim;

import java.util.Arrays;

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

  static final class NAdam extends Formulas {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double eps = 1e-8;
    double momentumDecay = 4e-3;
    boolean decoupled;
    private double[] m;
    private double[] v;
    private double product = 1;
    private int t;

    private double mu(int t) {
      return beta1 * (1 - 0.5 * Math.pow(0.96, t * momentumDecay));
    }

    @Override
    void step(double[] p, float[] gradient) {
      if (t++ == 0) {
        m = new double[p.length];
        v = new double[p.length];
      }
      product *= mu(t);
      for (int i = 0; i < p.length; i++) {
        double g = gradient[i];
        if (decoupled) p[i] -= lr * decay * p[i];
        else g += decay * p[i];
        m[i] = beta1 * m[i] + (1 - beta1) * g;
        v[i] = beta2 * v[i] + (1 - beta2) * g * g;
        double mHat = mu(t + 1) * m[i] / (1 - product * mu(t + 1)) + (1 - mu(t)) * g / (1 - product);
        p[i] -= lr * mHat / (Math.sqrt(v[i] / (1 - Math.pow(beta2, t))) + eps);
      }
    }
  }

  static final class Adagrad extends Formulas {
    double lrDecay;
    double initial;
    double eps = 1e-10;
    private double[] sum;
    private int t;

    @Override
    void step(double[] p, float[] gradient) {
      if (t++ == 0) {
        sum = new double[p.length];
        Arrays.fill(sum, initial);
      }
      for (int i = 0; i < p.length; i++) {
        double g = gradient[i] + decay * p[i];
        sum[i] += g * g;
        p[i] -= lr / (1 + (t - 1) * lrDecay) * g / (Math.sqrt(sum[i]) + eps);
      }
    }
  }

  static final class RmsProp extends Formulas {
    double alpha = 0.99;
    double eps = 1e-8;
    double momentum;
    boolean centered;
    private double[] square;
    private double[] mean;
    private double[] buffer;

    @Override
    void step(double[] p, float[] gradient) {
      if (square == null) {
        square = new double[p.length];
        mean = new double[p.length];
        buffer = new double[p.length];
      }
      for (int i = 0; i < p.length; i++) {
        double g = gradient[i] + decay * p[i];
        square[i] = alpha * square[i] + (1 - alpha) * g * g;
        mean[i] = alpha * mean[i] + (1 - alpha) * g;
        double variance = centered ? square[i] - mean[i] * mean[i] : square[i];
        buffer[i] = momentum * buffer[i] + g / (Math.sqrt(variance) + eps);
        p[i] -= lr * buffer[i];
      }
    }
  }
}
