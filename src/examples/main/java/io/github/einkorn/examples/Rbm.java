package io.github.einkorn.examples;

import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.Batch;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.Dataset;
import io.github.einkorn.optim.SGD;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/**
 * A restricted Boltzmann machine learns digits without labels, by contrastive divergence: what it makes of a digit in
 * one step, down from the hidden units it woke, should be as likely as the digit.
 */
@Command(name = "Rbm", header = "S1", description = "MNIST: restricted Boltzmann machine by contrastive divergence")
final class Rbm extends Example {
  private static final int SHOWN = 20;
  private static final int CHAIN = 1000;

  @Override
  List<Figure> run() throws IOException {
    var rbm = new io.github.einkorn.nn.Rbm(784, 256);
    var sgd = new SGD(rbm.parameters(), 0.05).momentum(0.5);
    DataLoader data = new DataLoader(mnistTrain()).batchSize(100).shuffle(true);
    Tensor digits = pixels(mnistTest());
    double untrained = rbm.reconstructionError(digits);
    var errors = new ArrayList<Double>();
    int epochs = epochs(15, 15);
    for (int epoch = 1; epoch <= epochs; epoch++) {
      double error = 0;
      for (Batch batch : data) {
        try (var scope = new Scope()) {
          Tensor v = batch.x().flatten(1);
          Tensor imagined = rbm.gibbs(v, 1); // hidden units are drawn from the digits, then pixels from those
          sgd.zeroGrad();
          rbm.contrastiveLoss(v, imagined).backward();
          sgd.step();
          error += rbm.reconstructionError(v) / data.batches();
        }
      }
      System.out.printf("Epoch: %04d reconstruction error = %.6f%n", epoch, error);
      errors.add(error);
    }

    double tested = rbm.reconstructionError(digits);
    double mean = spread(digits);
    Tensor samples = rbm.gibbs(Tensor.rand(SHOWN, 784).lt(0.5).to(digits.dtype()), CHAIN);
    Tensor probabilities = rbm.visible(rbm.sampleHidden(samples)).detach();
    double ink = digits.mean().item();
    double sampledInk = probabilities.mean().item();
    System.out.printf("Test digits: error %.4f untrained, %.4f now; the mean image for each digit would make %.4f%n",
        untrained, tested, mean);
    System.out.printf("Ink: %.3f of the digits, %.3f of samples after %d steps from noise%n", ink, sampledInk, CHAIN);

    Pictures.curves(picture("error.png"), "Restricted Boltzmann machine: reconstruction of MNIST", "epoch",
        "squared error per pixel", Map.of("training", errors));
    Tensor some = digits.narrow(0, 0, SHOWN);
    var tiles = new LinkedHashMap<String, Tensor>();
    tiles.put("test digits", images(some));
    tiles.put("what the machine makes of them", images(rbm.visible(rbm.hidden(some)).detach()));
    tiles.put("samples, " + CHAIN + " steps from noise", images(probabilities));
    tiles.put("weights of hidden units", images(rbm.weight().detach().narrow(0, 0, SHOWN)));
    Pictures.tiles(picture("samples.png"), "A restricted Boltzmann machine of 256 hidden units", tiles);
    return List.of(
        Figure.holds("the reconstruction error falls", errors.get(epochs - 1) < errors.get(0) && tested < untrained),
        Figure.atMost("its error of test digits, of the mean image's", either(0.2, 0.7), tested / mean),
        Figure.near("ink of samples, by the digits'", 1, 0.5, sampledInk / ink));
  }

  private static Tensor pixels(Dataset images) {
    int[] first = new int[Math.min(1000, images.size())];
    for (int i = 0; i < first.length; i++) first[i] = i;
    return images.batch(first).x().flatten(1);
  }

  /** The mean square of what is left of the digits without their mean. */
  private static double spread(Tensor digits) {
    try (var scope = new Scope(); var off = new NoGrad()) {
      return digits.sub(digits.mean(true, 0)).square().mean().item();
    }
  }

  private static Tensor images(Tensor rows) {
    return rows.reshape(rows.dim(0), 1, 28, 28);
  }
}
