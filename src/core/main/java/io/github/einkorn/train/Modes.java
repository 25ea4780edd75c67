package io.github.einkorn.train;

import io.github.einkorn.nn.Layer;
import java.util.List;

/** The mode of every layer, to be restored. */
final class Modes implements AutoCloseable {
  private final List<Layer> layers;
  private final boolean[] training;

  Modes(Layer model) {
    layers = model.layers();
    training = new boolean[layers.size()];
    for (int i = 0; i < training.length; i++) training[i] = layers.get(i).isTraining();
  }

  /** A layer comes before its children, and switching it switches them. */
  @Override
  public void close() {
    for (int i = 0; i < training.length; i++) layers.get(i).train(training[i]);
  }
}
