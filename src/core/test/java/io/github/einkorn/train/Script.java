package io.github.einkorn.train;

import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.optim.SGD;
import java.util.ArrayList;
import java.util.List;

/** Plays epochs with given numbers to callbacks, on a model of one weight that each epoch sets to its own number. */
final class Script {
  static final class Weight extends Layer {
    final Tensor w = parameter("w", Tensor.zeros(1));

    @Override
    public Tensor forward(Tensor x) {
      return x.mul(w);
    }
  }

  final Weight model = new Weight();
  final SGD optimizer = new SGD(model.parameters(), 1);
  final List<String> said = new ArrayList<>();
  final List<Logs> logs = new ArrayList<>();
  final Training training;
  private final String name;

  /** The number of each epoch is called this. */
  Script(String name, String... alsoNamed) {
    this.name = name;
    var names = new ArrayList<>(List.of(name));
    names.addAll(List.of(alsoNamed));
    training = new Training(model, optimizer, 100, 10, 1000, name.startsWith("val_"), names);
    training.printer = said::add;
  }

  /** Returns the learning rate after each epoch; there are fewer where training was stopped. */
  List<Double> play(Callback callback, double... values) {
    var rates = new ArrayList<Double>();
    callback.onTrainBegin(training);
    for (int epoch = 1; epoch <= values.length && !training.isStopping(); epoch++) {
      callback.onEpochBegin(training, epoch);
      model.w.fillInPlace(epoch);
      logs.add(new Logs().put(name, values[epoch - 1]));
      if (callback.logNames().contains("learning_rate")) logs.get(epoch - 1).put("learning_rate", optimizer.lr());
      callback.onEpochEnd(training, epoch, logs.get(epoch - 1));
      rates.add(optimizer.lr());
    }
    callback.onTrainEnd(training);
    return rates;
  }
}
