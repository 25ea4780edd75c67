/**
 * Einkorn: convolutional networks on CPUs. Start with {@link io.github.einkorn.Tensor} and
 * {@code io.github.einkorn.nn.Sequential}.
 */
module io.github.einkorn {
  requires io.github.einkorn.bindings;
  requires com.fasterxml.jackson.core;
  requires transitive java.desktop;
  requires java.management;
  requires jdk.management;

  exports io.github.einkorn;
  exports io.github.einkorn.data;
  exports io.github.einkorn.data.transforms;
  exports io.github.einkorn.io;
  exports io.github.einkorn.models;
  exports io.github.einkorn.nn;
  exports io.github.einkorn.optim;
  exports io.github.einkorn.train;
}
