package io.github.einkorn.peers;

import java.util.Arrays;
import java.util.Set;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Deeplearning4j with oneDNN: one configuration, {@code default}. Its momentum is Nesterov's. It is slow, so it trains
 * the small nets only.
 */
public final class Deeplearning4jWorker {
  private static final Set<Net> SMALL = Set.of(Net.W1, Net.W2, Net.W3, Net.W4, Net.QUICKSTART, Net.XOR);

  private Deeplearning4jWorker() {}

  public static void main(String[] args) throws Exception {
    Worker.main(args, (task, threads, config) -> {
      if (!(task instanceof Work work) || !work.training() || !SMALL.contains(work.net())) {
        throw new UnsupportedOperationException("Deeplearning4j is measured on training the small nets");
      }
      Nd4j.getEnvironment().setMaxThreads(threads);
      Nd4j.getEnvironment().setMaxMasterThreads(threads);
      return work(work);
    });
  }

  private static IUpdater updater(Net.Update update) {
    return switch (update) {
      case ADAM -> new Adam(update.rate);
      case MOMENTUM -> new Nesterovs(update.rate, update.momentum);
      case SGD -> new Sgd(update.rate);
    };
  }

  private static Worker work(Work work) {
    int[] input = work.input();
    boolean binary = work.net().classes == 1;
    var list = new NeuralNetConfiguration.Builder().seed(1).updater(updater(work.net().update)).list();
    work.net().layers(new Deeplearning4jLayers()).forEach(layers -> layers.forEach(list::layer));
    list.layer(binary
        ? new LossLayer.Builder(LossFunction.XENT).activation(Activation.IDENTITY).build()
        : new LossLayer.Builder(LossFunction.MCXENT).activation(Activation.SOFTMAX).build());
    list.setInputType(input.length == 2 ? InputType.feedForward(input[1])
        : InputType.convolutional(input[2], input[3], input[1]));
    var net = new MultiLayerNetwork(list.build());
    net.init();
    INDArray x = Nd4j.randn(Arrays.stream(input).asLongStream().toArray());
    INDArray y = Nd4j.zeros(work.batch(), work.net().classes);
    long[] labels = work.labels();
    for (int i = 0; i < labels.length; i++) y.putScalar(i, binary ? 0 : labels[i], binary ? labels[i] : 1);
    return () -> net.fit(x, y);
  }
}
