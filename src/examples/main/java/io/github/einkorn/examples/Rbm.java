package io.github.einkorn.examples;

import io.github.einkorn.DType;
import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.Dataset;
import io.github.einkorn.train.ContrastiveDivergence;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import picocli.CommandLine.Command;

/**
 * A restricted Boltzmann machine learns digits without labels, by contrastive divergence (Hinton 2002): what it makes
 * of a digit in one step, down from the hidden units it woke, shall be as likely as the digit. That makes it good at
 * telling digits again, and bad at dreaming of its own: far from the digits nothing was forbidden. Another one learns
 * from chains that wander on from batch to batch, wherever it leads them (Tieleman 2008), and dreams of digits.
 *
 * <p>The lecture gives no figures. Ours: three quarters of the variance of test digits pass the 256 hidden units; a
 * digit is likelier than its two halves swapped; samples have as much ink, and differ as much, as digits do.
 */
@Command(name = "Rbm", header = "S1", description = "MNIST: restricted Boltzmann machine by contrastive divergence")
final class Rbm extends MnistExample {
  private static final int HIDDEN = 256;
  private static final int CHAINS = 200;
  private static final int SHOWN = 20;

  @Override
  List<Figure> run() throws IOException {
    Dataset train = mnistTrain();
    var data = new DataLoader(train).batchSize(either(100, 20)).shuffle(true);
    Tensor digits = Loop.first(1000, mnistTest()).x().flatten(1);
    var rbm = machine(train);
    double[] errors = new ContrastiveDivergence(0.05).momentum(0.5).fit(rbm, data, epochs(10, 5));
    double tested = rbm.reconstructionError(digits);
    double ofMean = spread(digits); // what an untrained machine makes of a digit is the mean image
    double likelier = likelier(rbm, digits);
    System.out.println("Reconstruction error by epoch: " + Arrays.toString(errors));
    System.out.printf("Test digits: error %.4f, of the mean image %.4f%n", tested, ofMean);

    var dreamer = machine(train);
    var persistent = new ArrayList<Double>();
    for (double rate : new double[] {0.05, 0.02, 0.005}) { // the slower, the better the chains keep up
      double[] more = new ContrastiveDivergence(rate).steps(5).persistent(true).fit(dreamer, data, epochs(5, 6));
      for (double error : more) persistent.add(error);
    }
    System.out.println("The same of chains that go on: " + persistent);
    int steps = either(1000, 200);
    Tensor poor = dream(rbm, steps);
    Tensor samples = dream(dreamer, steps);
    double ink = ink(samples) / ink(digits);
    double variety = spread(samples) / ofMean;
    System.out.printf("%d samples, %d steps from noise, have %.2f of the digits' ink and %.2f of their variety; without"
        + " chains that go on %.2f and %.2f%n", CHAINS, steps, ink, variety, ink(poor) / ink(digits),
        spread(poor) / ofMean);

    var curves = new LinkedHashMap<String, List<Double>>();
    curves.put("contrastive divergence", Arrays.stream(errors).boxed().toList());
    curves.put("chains that go on", persistent);
    Pictures.curves(picture("error.png"), "Restricted Boltzmann machines: reconstruction of MNIST", "epoch",
        "squared error per pixel", curves);
    var tiles = new LinkedHashMap<String, Tensor>();
    tiles.put("test digits", images(digits));
    tiles.put("what the machine makes of them", images(rbm.visible(rbm.hidden(digits)).detach()));
    tiles.put("weights of its hidden units", images(rbm.weight().detach()));
    tiles.put("its samples, " + steps + " steps from noise", images(poor));
    tiles.put("samples of the machine whose chains went on", images(samples));
    Pictures.tiles(picture("samples.png"), "Restricted Boltzmann machines of " + HIDDEN + " hidden units", tiles);
    var figures = new ArrayList<>(List.of(
        Figure.holds("the reconstruction error falls", errors[errors.length - 1] < errors[0]).own(),
        Figure.atMost("its error of test digits, of the mean image's", either(0.25, 0.6), tested / ofMean).own(),
        Figure.atLeast("digits likelier than with their halves swapped", either(0.99, 0.9), likelier).own(),
        Figure.holds("samples vary more when chains go on", variety > spread(poor) / ofMean).own(),
        Figure.near("ink of samples, of the digits'", 1, either(0.3, 0.5), ink).own()));
    // a slice is too short for all digits to come up in samples
    if (!isQuick()) figures.add(Figure.near("variety of samples, of the digits'", 1, 0.3, variety).own());
    return figures;
  }

  /** Without hidden units each pixel is as likely as it is in digits (Hinton 2010, section 8.1). */
  private static io.github.einkorn.nn.Rbm machine(Dataset digits) {
    var rbm = new io.github.einkorn.nn.Rbm(784, HIDDEN);
    try (var scope = new Scope(); var off = new NoGrad()) {
      Tensor p = Loop.first(5000, digits).x().flatten(1).mean(0).clamp(0.001, 0.999);
      rbm.visibleBias().copyInPlace(p.div(p.neg().add(1)).log());
    }
    return rbm;
  }

  /** How likely each pixel is at the end of chains that start from noise. */
  private static Tensor dream(io.github.einkorn.nn.Rbm rbm, int steps) {
    Tensor noise = Tensor.rand(CHAINS, 784).lt(0.5).to(DType.FLOAT32);
    return rbm.visible(rbm.sampleHidden(rbm.gibbs(noise, steps))).detach();
  }

  /** The share of digits that have a lower free energy than the same with the left half on the right. */
  private static double likelier(io.github.einkorn.nn.Rbm rbm, Tensor digits) {
    try (var scope = new Scope(); var off = new NoGrad()) {
      Tensor images = digits.reshape(-1, 28, 28);
      Tensor swapped = Tensor.cat(2, images.narrow(2, 14, 14), images.narrow(2, 0, 14)).flatten(1);
      return rbm.freeEnergy(digits).lt(rbm.freeEnergy(swapped)).mean().item();
    }
  }

  private static double ink(Tensor rows) {
    return rows.mean().item();
  }

  /** The mean square of what is left of images without their mean. */
  private static double spread(Tensor rows) {
    return rows.sub(rows.mean(true, 0)).square().mean().item();
  }

  private static Tensor images(Tensor rows) {
    return rows.narrow(0, 0, SHOWN).reshape(SHOWN, 1, 28, 28);
  }
}
